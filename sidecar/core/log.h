
/*
 * The log: one line an event, in the manner of nginx's error log:
 *
 *     2026/01/31 12:00:00 [warn] 4711: could not resolve "shop.example"
 *
 * One per process, written with a single write(2), safe from any thread.
 * Bytes below 0x20, 0x7f and above 0x7e are written as \xHH: a log line can
 * not be forged by what a page or a client sends.  Lines are cut at 2,048
 * bytes.  Times are local.  A line that cannot be written is lost; errno is
 * left as it was.
 */

#ifndef LOG_H
#define LOG_H


typedef enum {
    LOG_ERROR = 0,
    LOG_WARN,
    LOG_NOTICE,
    LOG_INFO,
    LOG_DEBUG
} log_level_t;


/*
 * Begin to write to the file at path ("stderr" or NULL: standard error),
 * which is made with mode 0640 and appended to.  SC_OK, or SC_ERROR with
 * errno; before the first call, and after a failed one, lines go to standard
 * error.  Not by two threads at once.
 */
int log_open(const char *path, log_level_t level);

/* Open the same file again: for log rotation.  Keeps the old on failure. */
int log_reopen(void);

/*
 * The level named "error", "warn", "notice", "info" or "debug"; -1 if
 * none.
 */
int log_level_parse(const char *name);

/*
 * Write one line unless level is below that of log_open(), which is
 * LOG_NOTICE before.  fmt is printf's; "%m" is what errno was.
 */
void log_write(log_level_t level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));


#define log_error(...)   log_write(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)    log_write(LOG_WARN, __VA_ARGS__)
#define log_notice(...)  log_write(LOG_NOTICE, __VA_ARGS__)
#define log_info(...)    log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_DEBUG, __VA_ARGS__)


#endif /* LOG_H */
