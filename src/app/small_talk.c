/* Small talk by a table of whole phrases, so that "hello" is met and "hello world program" is searched. */
#include "app/small_talk.h"

enum reply { GREETING_EN, THANKS_EN, BYE_EN, WELL_EN, GREETING_DE, THANKS_DE, BYE_DE, GREETING_FR, THANKS_FR, GREETING_ES, THANKS_ES };

static const char *const replies[] = {
    [GREETING_EN] = "Hello! What would you like to know?",
    [THANKS_EN] = "You are welcome! Is there anything else you would like to know?",
    [BYE_EN] = "Good-bye! Come back whenever you have a question.",
    [WELL_EN] = "Fine, thank you! What would you like to know?",
    [GREETING_DE] = "Hallo! Was möchten Sie wissen?",
    [THANKS_DE] = "Gern geschehen! Möchten Sie noch etwas wissen?",
    [BYE_DE] = "Auf Wiedersehen! Fragen Sie jederzeit wieder.",
    [GREETING_FR] = "Bonjour ! Que souhaitez-vous savoir ?",
    [THANKS_FR] = "Avec plaisir ! Souhaitez-vous savoir autre chose ?",
    [GREETING_ES] = "¡Hola! ¿Qué le gustaría saber?",
    [THANKS_ES] = "¡De nada! ¿Le gustaría saber algo más?",
};

static const struct {
    const char *words; /* as in struct asked */
    enum reply reply;
} phrases[] = {
    {" hi ", GREETING_EN},
    {" hello ", GREETING_EN},
    {" hey ", GREETING_EN},
    {" hi there ", GREETING_EN},
    {" hello there ", GREETING_EN},
    {" hey there ", GREETING_EN},
    {" good morning ", GREETING_EN},
    {" good afternoon ", GREETING_EN},
    {" good evening ", GREETING_EN},
    {" good day ", GREETING_EN},
    {" how are you ", WELL_EN},
    {" hi how are you ", WELL_EN},
    {" hello how are you ", WELL_EN},
    {" thanks ", THANKS_EN},
    {" thank you ", THANKS_EN},
    {" thank you very much ", THANKS_EN},
    {" thanks a lot ", THANKS_EN},
    {" thx ", THANKS_EN},
    {" many thanks ", THANKS_EN},
    {" ok thanks ", THANKS_EN},
    {" great thanks ", THANKS_EN},
    {" bye ", BYE_EN},
    {" goodbye ", BYE_EN},
    {" good bye ", BYE_EN},
    {" see you ", BYE_EN},
    {" hallo ", GREETING_DE},
    {" guten tag ", GREETING_DE},
    {" guten morgen ", GREETING_DE},
    {" guten abend ", GREETING_DE},
    {" moin ", GREETING_DE},
    {" servus ", GREETING_DE},
    {" danke ", THANKS_DE},
    {" vielen dank ", THANKS_DE},
    {" danke schön ", THANKS_DE},
    {" dankeschön ", THANKS_DE},
    {" tschüss ", BYE_DE},
    {" auf wiedersehen ", BYE_DE},
    {" bonjour ", GREETING_FR},
    {" salut ", GREETING_FR},
    {" bonsoir ", GREETING_FR},
    {" merci ", THANKS_FR},
    {" merci beaucoup ", THANKS_FR},
    {" hola ", GREETING_ES},
    {" buenos días ", GREETING_ES},
    {" buenas tardes ", GREETING_ES},
    {" gracias ", THANKS_ES},
    {" muchas gracias ", THANKS_ES},
};

const char *small_talk_reply(const struct asked *question)
{
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        if (span_eq(question->words, span_of(phrases[i].words)))
            return replies[phrases[i].reply];
    }
    return NULL;
}
