
/*
 * Processes, ports and folders for tests.  Whatever goes wrong here fails the
 * running test (ck_abort_msg); what a test starts is stopped by it or dies
 * with it: Check runs each test in a process group of its own.
 */

#ifndef PROCESS_H
#define PROCESS_H


#include <sys/types.h>


/* Where the programs under test were built: $BUILD, or "build". */
const char *process_build(void);

/* Whether $BUILD holds a sanitized build; 1 or 0. */
int process_sanitized(void);

/*
 * Start argv[0]; its standard output and error are appended to the file log.
 * env is NULL or "NAME=value" strings to add, NULL-terminated.
 */
pid_t process_start(char *const argv[], const char *log, char *const env[]);

/*
 * The same with standard output in a pipe, whose first line, without its
 * newline, is copied into line.
 */
pid_t process_start_line(char *const argv[], const char *log, char *line,
    size_t size);

/* Send signo and wait; the exit status, or 128 + the signal that ended it. */
int process_stop(pid_t pid, int signo);

/* Wait for its end; as process_stop(). */
int process_wait(pid_t pid);

/*
 * A port of 127.0.0.1 that is the calling process's until it ends: no other
 * suite is given it, not even while what listened there is started anew.
 */
unsigned process_port(void);

/* Whether something accepts connections at 127.0.0.1:port; 1 or 0. */
int process_listens(unsigned port);

/* Give the processor away for ms milliseconds while waiting for another
 * process; never to measure time.
 */
void process_pause(unsigned ms);

/* A new folder that others may enter; its path is copied into path. */
void process_folder(char *path, size_t size);

/*
 * The same in memory, for who makes very many and is alone in them; on disk
 * where there is no such place.
 */
void process_folder_memory(char *path, size_t size);

/* A new file with this text; its path is copied into path. */
void process_file(char *path, size_t size, const char *text);

/* Remove a folder and all in it. */
void process_remove(const char *path);

/* Write text to the file at path. */
void process_write(const char *path, const char *text);

/* The file's content, to be freed; "" when there is none. */
char *process_read(const char *path);


#endif /* PROCESS_H */
