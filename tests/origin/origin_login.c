
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "tests/origin/origin.h"


#define ORIGIN_MAX_VISITS   100000


static int origin_login_form(const origin_request_t *r, int status,
    const char *title);
static int origin_login_valid(const origin_request_t *r);
static int origin_session(const origin_request_t *r, char *name, size_t size);
static void origin_issue(const char *what, char *name, size_t size);
static int origin_issued(const char *name, int withdraw);


/* Tokens and sessions that are good: the names of an object's members. */
static pthread_mutex_t   origin_login_lock = PTHREAD_MUTEX_INITIALIZER;
static json_t           *origin_good;
static unsigned long     origin_visits;


int
origin_login(const origin_request_t *r)
{
    char  session[64], fields[160];

    if (strcmp(r->method, "POST") != 0) {
        return origin_login_form(r, 200, "Log in");
    }

    if (!origin_login_valid(r)) {
        return origin_login_form(r, 403, "Wrong");
    }

    origin_issue("session", session, sizeof(session));
    (void) snprintf(fields, sizeof(fields),
                    "Set-Cookie: session=%s; Path=/; HttpOnly\r\n"
                    "Location: /private\r\n", session);

    return origin_reply_page(r, 302, fields, "Welcome");
}


static int
origin_login_form(const origin_request_t *r, int status, const char *title)
{
    int   n;
    char  token[64], body[1024];

    origin_issue("token", token, sizeof(token));
    n = snprintf(body, sizeof(body),
                 "<!doctype html>\n<html><head><title>%s</title></head>\n"
                 "<body>\n<h1>%s</h1>\n"
                 "<form id=\"login\" action=\"/login\" method=\"post\">\n"
                 "<input type=\"hidden\" name=\"csrf\" value=\"%s\">\n"
                 "<input name=\"user\">\n"
                 "<input type=\"password\" name=\"password\">\n"
                 "<button type=\"submit\">Go</button>\n"
                 "</form>\n</body></html>\n",
                 title, title, token);

    return origin_reply(r, status, "Content-Type: text/html\r\n", body,
                        (size_t) n);
}


static int
origin_login_valid(const origin_request_t *r)
{
    char  token[64], user[64], password[64];

    return origin_form(r, "csrf", token, sizeof(token))
           && strncmp(token, "token", 5) == 0
           && origin_issued(token, 1)
           && origin_form(r, "user", user, sizeof(user))
           && strcmp(user, "user") == 0
           && origin_form(r, "password", password, sizeof(password))
           && strcmp(password, "secret") == 0;
}


int
origin_private(const origin_request_t *r)
{
    char               session[64];
    static const char  body[] = "<!doctype html>\n<html><head>"
                                "<title>Private</title></head>\n<body>\n"
                                "<h1>Private</h1>\n"
                                "<a href=\"/logout\">Log out</a>\n"
                                "</body></html>\n";

    if (!origin_session(r, session, sizeof(session))
        || !origin_issued(session, 0))
    {
        return origin_reply_page(r, 403, "", "Not for you");
    }

    return origin_reply(r, 200, "Content-Type: text/html\r\n", body,
                        sizeof(body) - 1);
}


int
origin_logout(const origin_request_t *r)
{
    char  session[64];

    if (origin_session(r, session, sizeof(session))) {
        (void) origin_issued(session, 1);
    }

    return origin_reply_page(r, 302, "Location: /login\r\n"
                             "Set-Cookie: session=; Path=/; Max-Age=0\r\n",
                             "Bye");
}


/* The session a request's cookies name. */
static int
origin_session(const origin_request_t *r, char *name, size_t size)
{
    char         cookies[8192];
    size_t       n;
    const char  *p;

    if (!origin_field(r, "Cookie", cookies, sizeof(cookies))) {
        return 0;
    }

    for (p = cookies; *p != '\0'; p += strspn(p, "; ")) {
        n = strcspn(p, ";");

        if (strncmp(p, "session=session", 15) == 0 && n - 8 < size) {
            memcpy(name, p + 8, n - 8);
            name[n - 8] = '\0';
            return 1;
        }

        p += n;
    }

    return 0;
}


/* A new token or session, good until it is withdrawn. */
static void
origin_issue(const char *what, char *name, size_t size)
{
    (void) pthread_mutex_lock(&origin_login_lock);

    if (origin_good == NULL) {
        origin_good = json_object();
    }

    origin_visits++;
    (void) snprintf(name, size, "%s-%lu", what, origin_visits);

    if (json_object_size(origin_good) < ORIGIN_MAX_VISITS) {
        (void) json_object_set_new(origin_good, name, json_true());
    }

    (void) pthread_mutex_unlock(&origin_login_lock);
}


static int
origin_issued(const char *name, int withdraw)
{
    int  good;

    (void) pthread_mutex_lock(&origin_login_lock);

    good = json_object_get(origin_good, name) != NULL;

    if (good && withdraw) {
        (void) json_object_del(origin_good, name);
    }

    (void) pthread_mutex_unlock(&origin_login_lock);

    return good;
}
