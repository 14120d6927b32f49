/* Passwords that everybody tries first: those of 8 characters and more, in lower case, in byte order. Runs like "12345678", "qwertyuiop" and repetitions are
 * refused by rule (password.c) and therefore not here. */
#include <stdlib.h>
#include <string.h>

#include "app/password.h"

static const char *const common[] = {
    "!qaz2wsx",     "00000001",      "01234567",      "0123456789",       "0987654321",     "10203040",       "102030405060", "1029384756",
    "11112222",     "11223344",      "1122334455",    "112233445566",     "12121212a",      "123123123a",     "123321123",    "12341234a",
    "12344321",     "123454321",     "1234554321",    "123456789a",       "12345678a",      "1234567a",       "123456aa",     "123456abc",
    "123456as",     "123456q1",      "123456qwerty",  "12345qwert",       "12345qwerty",    "1234qwer",       "1234qwerty",   "123654789",
    "123abc123",    "123qwe123",     "123qwe123qwe",  "123qweasd",        "123qweasdzxc",   "13131313a",      "147258369",    "147852369",
    "159357456",    "159753456",     "19841984a",     "1qaz2wsx3edc4rfv", "1qaz@wsx",       "1qazxsw2",       "20202020a",    "2580258000",
    "27182818",     "31415926",      "314159265",     "3141592653",       "42424242a",      "5201314520",     "5201314a",     "55556666",
    "66668888",     "69696969a",     "741852963",     "789456123",        "789654123",      "88889999",       "963852741",    "98765432",
    "987654321a",   "99998888",      "a12345678",     "a123456789",       "a1b2c3d4",       "a1b2c3d4e5",     "aa123456",     "aa12345678",
    "aaa111222",    "abc12345",      "abc123456",     "abcabc123",        "abcd1234",       "abcd12345",      "abcde123",     "abcdef123",
    "access123",    "access14",      "admin123",      "admin1234",        "admin12345",     "admin123456",    "admin2024",    "admin2025",
    "admin@123",    "adminadmin",    "administrator", "administrator1",   "alexander",      "alexander1",     "alexandra",    "america1",
    "andrew123",    "angel123",      "angels123",     "anthony1",         "anything",       "arsenal1",       "arsenal123",   "asd12345",
    "asd123asd",    "asdasdasd",     "asdf1234",      "asdfasdf",         "asdfghj1",       "asdfghjkl1",     "asdfqwer",     "ashley123",
    "asshole1",     "australia1",    "autumn2024",    "autumn2025",       "babyboy1",       "babygirl",       "babygirl1",    "bailey123",
    "banana123",    "bangladesh",    "barcelona",     "barcelona1",       "baseball",       "baseball1",      "baseball12",   "basketball",
    "basketball1",  "batman12",      "batman123",     "beatles1",         "beautiful",      "beautiful1",     "benjamin",     "benjamin1",
    "bestfriend",   "bestfriends",   "blahblah",      "blahblah1",        "blessed1",       "blessing",       "bond0007",     "brandon1",
    "brasil123",    "broadband",     "bullshit",      "bullshit1",        "business",       "business1",      "buster123",    "butterfly",
    "butterfly1",   "california",    "canada123",     "carolina",         "caroline",       "champion",       "champion1",    "changeit",
    "changeme",     "changeme1",     "changeme123",   "changethis",       "charlie1",       "charlie12",      "charlie123",   "chatifix",
    "chatifix1",    "chatifix123",   "chatifix2026",  "cheater1",         "cheers123",      "cheese123",      "chelsea1",     "chelsea123",
    "chocolate",    "chocolate1",    "christian",     "christian1",       "christine",      "christopher",    "cisco123",     "company1",
    "company123",   "computer",      "computer1",     "computer123",      "contrasena",     "contraseña",     "cookie123",    "correcthorsebatterystaple",
    "corvette",     "cowboys1",      "creative",      "creative1",        "cyberpunk",      "dallascowboys",  "daniel123",    "danielle",
    "danielle1",    "database",      "database1",     "december",         "december1",      "default1",       "default123",   "demo1234",
    "demodemo",     "diamond1",      "diamond123",    "dolphin1",         "dolphins",       "dolphins1",      "dragon12",     "dragon123",
    "dragon1234",   "dragonball",    "eagles123",     "elephant",         "elephant1",      "elizabeth",      "elizabeth1",   "eminem123",
    "facebook",     "facebook1",     "facebook123",   "faithful",         "february",       "ferrari1",       "flower123",    "flowers1",
    "football",     "football1",     "football12",    "football123",      "forever1",       "forever21",      "france123",    "freedom1",
    "freedom123",   "friday123",     "friends1",      "friends4ever",     "fuckoff1",       "fuckyou!",       "fuckyou1",     "fuckyou123",
    "fuckyou2",     "gabriel1",      "gabriela",      "germany1",         "ginger123",      "gladiator",      "godisgood",    "godislove",
    "goodluck",     "goodmorning",   "google123",     "gorgeous",         "greenday1",      "guest123",       "guest1234",    "guitar123",
    "hacker123",    "handsome",      "hannah123",     "harley123",        "harleydavidson", "haslo123",       "heavenly",     "hello123",
    "hello1234",    "hello12345",    "hellohello",    "helloworld",       "helloworld1",    "helpdesk",       "helpdesk1",    "heslo123",
    "hockey12",     "hottie123",     "hunter12",      "hunter123",        "ilovegod",       "ilovejesus",     "ilovemyself",  "iloveu123",
    "iloveyou",     "iloveyou!",     "iloveyou1",     "iloveyou12",       "iloveyou123",    "iloveyou2",      "iloveyou3",    "india123",
    "indonesia",    "instagram",     "internet",      "internet1",        "internet123",    "ironman1",       "isabella",     "jamesbond",
    "jamesbond007", "january1",      "jennifer",      "jennifer1",        "jessica1",       "jessica123",     "jesus123",     "jesus4ever",
    "jesuschrist",  "jonathan",      "jonathan1",     "jordan123",        "jordan23",       "joshua123",      "juventus",     "katherine",
    "killer123",    "kitty123",      "kittycat",      "lacrosse1",        "lakers24",       "legend123",      "letmein!",     "letmein1",
    "letmein123",   "letmein1234",   "letmeinnow",    "lightning",        "linkedin",       "linkedin1",      "liverpool",    "liverpool1",
    "liverpoolfc",  "login123",      "loginlogin",    "london123",        "lovelove",       "lovely123",      "loveme123",    "lovers123",
    "loveyou1",     "loveyou2",      "lozinka1",      "maggie123",        "manager1",       "manager123",     "manchester",   "manutd123",
    "margaret",     "master12",      "master123",     "matrix123",        "matthew1",       "maverick",       "maverick1",    "mercedes",
    "mercedes1",    "metallica",     "metallica1",    "mexico123",        "michael1",       "michael123",     "michelle",     "michelle1",
    "mickey123",    "microsoft",     "microsoft1",    "midnight",         "midnight1",      "minecraft",      "minecraft1",   "minecraft123",
    "monday123",    "monkey12",      "monkey123",     "monkey1234",       "motdepasse",     "motorola",       "mustang1",     "mustang123",
    "mylove123",    "mypassword",    "mypassword1",   "ncc1701d",         "network1",       "newpassword",    "newpassword1", "newyork1",
    "newyork123",   "nicholas",      "nicholas1",     "ninja123",         "nintendo",       "nirvana1",       "nopassword",   "nothing1",
    "november",     "november1",     "october1",      "open1234",         "opensesame",     "oracle123",      "orange123",    "ou812345",
    "p@$$w0rd",     "p@ssw0rd",      "p@ssw0rd!",     "p@ssw0rd1",        "p@ssword",       "p@ssword1",      "pa$$w0rd",     "pa$$word",
    "packers1",     "pakistan",      "pakistan123",   "parola123",        "pass1234",       "pass12345",      "pass123456",   "pass1word",
    "pass@123",     "pass@1234",     "pass@word1",    "passme123",        "passpass",       "passw0rd",       "passw0rd!",    "passw0rd1",
    "password",     "password!",     "password01",    "password1",        "password1!",     "password12",     "password123",  "password123!",
    "password1234", "password12345", "password2",     "password3",        "passwort",       "passwort1",      "passwort123",  "patricia",
    "patriots",     "pepper123",     "philippines",   "phoenix1",         "platinum",       "playstation",    "playstation1", "pokemon1",
    "pokemon123",   "poohbear",      "poohbear1",     "porsche1",         "princess",       "princess1",      "princess12",   "princess123",
    "puppy123",     "qazwsx123",     "qazwsxedc",     "qazwsxedcrfv",     "qazxswedc",      "qwe12345",       "qwe123qwe",    "qweasd123",
    "qweasdzxc",    "qweasdzxc123",  "qweqwe123",     "qwer1234",         "qwerasdf",       "qwerasdfzxcv",   "qwerty01",     "qwerty1!",
    "qwerty11",     "qwerty12",      "qwerty123",     "qwerty123!",       "qwerty1234",     "qwerty12345",    "qwerty123456", "qwerty1q",
    "qwerty321",    "qwertyqwerty",  "qwertyuiop1",   "rainbow1",         "rainbow123",     "realmadrid",     "richard1",     "robert123",
    "rockstar",     "rockstar1",     "root1234",      "root12345",        "rootroot",       "samantha",       "samantha1",    "samsung1",
    "samsung123",   "scooby123",     "secret12",      "secret123",        "secret1234",     "secretpassword", "security",     "security1",
    "security123",  "senha123",      "senha1234",     "september",        "september1",     "server123",      "service1",     "service123",
    "sexygirl",     "shadow12",      "shadow123",     "simple123",        "slipknot",       "slipknot1",      "snoopy123",    "snowball",
    "snowflake",    "soccer12",      "soccer123",     "softball",         "softball1",      "something",      "something1",   "sophie123",
    "spiderman",    "spiderman1",    "spring123",     "spring2024",       "spring2025",     "spring2026",     "startrek",     "startrek1",
    "starwars",     "starwars1",     "steelers",      "steelers1",        "stephanie",      "stephanie1",     "summer123",    "summer2023",
    "summer2024",   "summer2025",    "summer2026",    "sunflower",        "sunflower1",     "sunshine",       "sunshine1",    "sunshine12",
    "sunshine123",  "super123",      "superman",      "superman1",        "superman123",    "supersecret",    "superstar",    "superstar1",
    "superuser",    "support1",      "support123",    "support1234",      "sweetheart",     "sweetie1",       "sweetness",    "sweetpea",
    "system123",    "temp1234",      "temporary",     "temppass",         "temppassword",   "terminator",     "test1234",     "test12345",
    "test1test",    "tester123",     "testing1",      "testing123",       "testpass",       "testpassword",   "testtest",     "thepassword",
    "thomas123",    "thunder1",      "thunder123",    "thx11381",         "tigger123",      "tinkerbell",     "toor1234",     "topsecret",
    "trinity1",     "trustme1",      "trustno1",      "usa12345",         "user1234",       "user12345",      "username",     "username1",
    "veronica",     "victoria",      "victoria1",     "volleyball",       "wachtwoord",     "wachtwoord1",    "warrior1",     "warriors",
    "welcome!",     "welcome01",     "welcome1",      "welcome1!",        "welcome12",      "welcome123",     "welcome2",     "welcome2023",
    "welcome2024",  "welcome2025",   "welcome2026",   "whatever",         "whatever1",      "whatever123",    "whatsapp",     "william1",
    "windows1",     "windows10",     "winter123",     "winter2023",       "winter2024",     "winter2025",     "winter2026",   "wireless",
    "woaini123",    "woaini1314",    "woaini520",     "wolverine",        "wordpass",       "yamaha123",      "yankees1",     "yourpassword",
    "zaq12wsx",     "zaq1xsw2",      "zaq1zaq1",      "zxcvbnm,",         "zxcvbnm1",       "zxcvbnm123",
};

static int compare(const void *key, const void *element)
{
    return strcmp(key, *(const char *const *)element);
}

bool password_is_common(struct span folded)
{
    char text[64]; /* longer than any of them */
    return span_to_cstr(folded, text, sizeof text) && bsearch(text, common, sizeof common / sizeof *common, sizeof *common, compare) != NULL;
}
