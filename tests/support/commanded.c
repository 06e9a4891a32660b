
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/commanded.h"
#include "tests/support/process.h"


static void ctl_child(ctl_said_t *s, const char *program, char *const *argv);
static char *ctl_said(ctl_said_t *s, const char *name);


void
ctl_begin(ctl_said_t *s)
{
    memset(s, 0, sizeof(ctl_said_t));
    process_folder(s->dir, sizeof(s->dir));
    ctl_file(s, "stdin", "");

    ck_assert_int_eq(setenv("no_proxy", "127.0.0.1", 1), 0);
    (void) unsetenv("SCRAPECTL_USER");
    (void) unsetenv("SCRAPECTL_STORE");
}


void
ctl_end(ctl_said_t *s)
{
    free(s->out);
    free(s->err);
    process_remove(s->dir);
}


void
ctl_gateway(gateway_t *g)
{
    ck_assert_int_eq(setenv("SCRAPECTL_GATEWAY", g->url, 1), 0);
}


void
ctl_file(ctl_said_t *s, const char *name, const char *text)
{
    char  path[128];

    (void) snprintf(path, sizeof(path), "%s/%s", s->dir, name);
    process_write(path, text);
}


void
ctl_run(ctl_said_t *s, const char *arg, ...)
{
    char     *argv[CTL_ARGS];
    size_t    n;
    va_list   args;

    va_start(args, arg);

    for (n = 0; arg != NULL && n < CTL_ARGS - 1; n++) {
        argv[n] = (char *) arg;
        arg = va_arg(args, const char *);
    }

    argv[n] = NULL;
    va_end(args);

    ctl_run_args(s, argv);
}


void
ctl_run_args(ctl_said_t *s, char *const *argv)
{
    char   *program, path[256];
    pid_t   pid;

    (void) snprintf(path, sizeof(path), "%s/scrapectl", process_build());
    program = realpath(path, NULL);
    ck_assert_ptr_nonnull(program);

    pid = fork();
    ck_assert_int_ne(pid, -1);

    if (pid == 0) {
        ctl_child(s, program, argv);
    }

    s->status = process_wait(pid);

    free(program);
    free(s->out);
    free(s->err);
    s->out = ctl_said(s, "out");
    s->err = ctl_said(s, "err");
}


static void
ctl_child(ctl_said_t *s, const char *program, char *const *argv)
{
    char    *args[CTL_ARGS + 1];
    size_t   n;

    args[0] = (char *) program;

    for (n = 0; n < CTL_ARGS - 1 && argv[n] != NULL; n++) {
        args[n + 1] = argv[n];
    }

    args[n + 1] = NULL;

    if (chdir(s->dir) == 0
        && dup2(open("stdin", O_RDONLY), STDIN_FILENO) != -1
        && dup2(open("out", O_WRONLY | O_CREAT | O_TRUNC, 0644),
                STDOUT_FILENO) != -1
        && dup2(open("err", O_WRONLY | O_CREAT | O_TRUNC, 0644),
                STDERR_FILENO) != -1)
    {
        (void) execv(program, args);
    }

    _exit(127);
}


static char *
ctl_said(ctl_said_t *s, const char *name)
{
    char  path[128];

    (void) snprintf(path, sizeof(path), "%s/%s", s->dir, name);

    return process_read(path);
}


void
ctl_has(const char *text, const char *part)
{
    if (text == NULL || strstr(text, part) == NULL) {
        ck_abort_msg("\"%s\" is not in \"%s\"", part, text);
    }
}


void
ctl_id(const ctl_said_t *s, char *id, size_t size)
{
    (void) snprintf(id, size, "%s", s->out);
    id[strcspn(id, "\n")] = '\0';
    ck_assert_str_ne(id, "");
}
