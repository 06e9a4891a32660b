
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/sc_core.h"
#include "sidecar/api/server_internal.h"


#define SERVER_BACKLOG    511
#define SERVER_HOST_MAX   64
#define SERVER_UNIX       "unix:"


static int server_listen_unix(const char *listen, int mode, char *path,
    size_t size, char *err, size_t errlen);
static int server_listen_vacant(const char *listen,
    const struct sockaddr_un *sun, char *err, size_t errlen);
static int server_listen_tcp(const char *listen, char *err, size_t errlen);
static struct addrinfo *server_listen_address(const char *listen);


int
server_listen(const char *listen, int mode, char *path, size_t size,
    char *err, size_t errlen)
{
    path[0] = '\0';

    if (strncmp(listen, SERVER_UNIX, sizeof(SERVER_UNIX) - 1) == 0) {
        return server_listen_unix(listen, mode, path, size, err, errlen);
    }

    return server_listen_tcp(listen, err, errlen);
}


static int
server_listen_unix(const char *addr, int mode, char *path, size_t size,
    char *err, size_t errlen)
{
    int                 fd;
    size_t              len;
    const char         *name = addr + sizeof(SERVER_UNIX) - 1;
    struct sockaddr_un  sun;

    memset(&sun, 0, sizeof(struct sockaddr_un));
    sun.sun_family = AF_UNIX;
    len = strlen(name);

    if (len == 0 || len >= sizeof(sun.sun_path) || len >= size) {
        (void) snprintf(err, errlen, "listen \"%s\": the path has %zu bytes, "
                        "1 to %zu are possible", addr, len,
                        sizeof(sun.sun_path) - 1);
        return -1;
    }

    memcpy(sun.sun_path, name, len);

    if (server_listen_vacant(addr, &sun, err, errlen) != SC_OK) {
        return -1;
    }

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    /* before listen() nobody can connect: the mode is never too wide */
    if (fd == -1
        || bind(fd, (struct sockaddr *) &sun, sizeof(struct sockaddr_un)) == -1
        || chmod(name, (mode_t) mode) == -1
        || listen(fd, SERVER_BACKLOG) == -1)
    {
        (void) snprintf(err, errlen, "could not listen on \"%s\": %m", addr);

        if (fd != -1) {
            (void) close(fd);
        }

        return -1;
    }

    memcpy(path, name, len + 1);

    return fd;
}


/* Make sure that nobody serves the path, and that nothing is there. */
static int
server_listen_vacant(const char *addr, const struct sockaddr_un *sun,
    char *err, size_t errlen)
{
    int          fd, rc;
    struct stat  st;

    if (lstat(sun->sun_path, &st) == -1) {
        /* what else is wrong with the path, bind() says */
        return SC_OK;
    }

    if (!S_ISSOCK(st.st_mode)) {
        (void) snprintf(err, errlen, "listen \"%s\": there is a file that is "
                        "not a socket", addr);
        return SC_ERROR;
    }

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd == -1) {
        (void) snprintf(err, errlen, "could not make a socket: %m");
        return SC_ERROR;
    }

    rc = connect(fd, (const struct sockaddr *) sun,
                 sizeof(struct sockaddr_un));
    rc = (rc == -1) ? errno : 0;
    (void) close(fd);

    if (rc != ECONNREFUSED) {
        (void) snprintf(err, errlen, "listen \"%s\": another process serves "
                        "it", addr);
        return SC_ERROR;
    }

    if (unlink(sun->sun_path) == -1) {
        (void) snprintf(err, errlen, "could not remove the old socket \"%s\": "
                        "%m", sun->sun_path);
        return SC_ERROR;
    }

    return SC_OK;
}


static int
server_listen_tcp(const char *addr, char *err, size_t errlen)
{
    int               fd, on;
    struct addrinfo  *ai;

    ai = server_listen_address(addr);
    if (ai == NULL) {
        (void) snprintf(err, errlen, "listen \"%s\" is neither unix:PATH nor "
                        "ADDR:PORT", addr);
        return -1;
    }

    on = 1;
    fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd == -1
        || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1
        || bind(fd, ai->ai_addr, ai->ai_addrlen) == -1
        || listen(fd, SERVER_BACKLOG) == -1)
    {
        (void) snprintf(err, errlen, "could not listen on \"%s\": %m", addr);

        if (fd != -1) {
            (void) close(fd);
        }

        fd = -1;
    }

    freeaddrinfo(ai);

    return fd;
}


/* ADDR:PORT, an IPv6 address in brackets; names are not looked up. */
static struct addrinfo *
server_listen_address(const char *addr)
{
    char              host[SERVER_HOST_MAX];
    size_t            len;
    const char       *port;
    struct addrinfo   hints, *ai;

    port = strrchr(addr, ':');
    if (port == NULL || port == addr || port[1] == '\0') {
        return NULL;
    }

    len = (size_t) (port - addr);

    if (addr[0] == '[' && addr[len - 1] == ']') {
        addr++;
        len -= 2;
    }

    if (len == 0 || len >= sizeof(host)) {
        return NULL;
    }

    memcpy(host, addr, len);
    host[len] = '\0';

    memset(&hints, 0, sizeof(struct addrinfo));
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;

    if (getaddrinfo(host, port + 1, &hints, &ai) != 0) {
        return NULL;
    }

    return ai;
}
