/* Reads each file of FOLDER/FORMAT/ as a document of that format: what a fuzz target once found must not come back. replay FOLDER */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "target.h"

enum { PATH_SIZE = 4096 };

static bool replay_file(const char *format, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int64_t size = fd < 0 ? -1 : file_size(fd);
    char *bytes = size < 0 ? NULL : malloc((size_t)size + 1);
    bool ok = bytes && file_read_at(fd, bytes, (size_t)size, 0) && target_run(format, (struct span){bytes, (size_t)size});
    if (!ok)
        fprintf(stderr, "%s: cannot be read as %s\n", path, format);
    free(bytes);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* Runs `each` on the entries of a folder; -1 when one fails or the folder cannot be read, else how many there were. */
static int for_each(const char *folder, int (*each)(const char *name, const char *path, const char *context), const char *context)
{
    DIR *d = opendir(folder);
    int sum = d ? 0 : -1;
    for (struct dirent *e; d && sum >= 0 && (e = readdir(d));) {
        char path[PATH_SIZE];
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        int one = each(e->d_name, path, context);
        sum = one < 0 ? -1 : sum + one;
    }
    if (d)
        closedir(d);
    return sum;
}

static int take_file(const char *name, const char *path, const char *format)
{
    fprintf(stderr, "%s %s\n", format, name);
    return replay_file(format, path) ? 1 : -1;
}

static int take_folder(const char *name, const char *path, const char *context)
{
    (void)context;
    return for_each(path, take_file, name);
}

int main(int argc, char **argv)
{
    int count = argc == 2 ? for_each(argv[1], take_folder, NULL) : -1;
    printf("%d files\n", count);
    return count > 0 ? 0 : 1;
}
