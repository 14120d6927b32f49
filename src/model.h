/* chatifix model: makes and checks the weight file of the sentence encoder. */
#ifndef MODEL_H
#define MODEL_H

/* What stands behind "chatifix model"; returns the exit status: 0 well, 1 failed, 2 wrongly called. */
int model_command(int argc, char **argv);

#endif
