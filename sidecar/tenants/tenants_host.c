
#include <string.h>
#include <strings.h>

#include "sidecar/tenants/tenants_internal.h"


static int tenants_host_is(const char *pattern, const char *host);


int
tenants_pattern(char *pattern)
{
    char    *name;
    size_t   i;

    name = pattern + (pattern[0] == '*' && pattern[1] == '.');
    name += (name[0] == '.');

    if (name[0] == '\0' || name[0] == '.' || strlen(name) > 253) {
        return SC_ERROR;
    }

    /* letters of a name or an address; others are written as "xn--" */
    for (i = 0; name[i] != '\0'; i++) {
        if (name[i] >= 'A' && name[i] <= 'Z') {
            name[i] = (char) (name[i] + ('a' - 'A'));
        }

        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-._:", name[i])
            == NULL)
        {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


int
tenants_allows(const tenants_t *t, sc_str_t tenant, const char *host)
{
    size_t           i;
    tenant_limits_t  limits;

    if (t == NULL) {
        return 1;
    }

    tenants_limits(t, t->settings, tenant, &limits);

    for (i = 0; i < limits.nhosts; i++) {
        if (tenants_host_is(limits.hosts[i], host)) {
            return 1;
        }
    }

    return limits.nhosts == 0;
}


static int
tenants_host_is(const char *pattern, const char *host)
{
    size_t       len, tail;
    const char  *end;

    end = pattern + (pattern[0] == '*');

    if (end[0] != '.') {
        return strcmp(pattern, host) == 0;
    }

    if (end == pattern && strcmp(end + 1, host) == 0) {
        return 1;
    }

    len = strlen(host);
    tail = strlen(end);

    return len > tail && strcmp(host + len - tail, end) == 0;
}
