
/*
 * The address policy: which addresses may be dialled.  Only globally routable
 * unicast passes, by the IANA special-purpose registries (RFC 6890 and its
 * updates), with the IPv4 address inside v4-mapped, v4-compatible, NAT64, 6to4
 * and ISATAP forms judged too, and none of this machine's own, as they are at
 * that moment.  The operator opens ranges with allow_addresses.
 *
 * It is asked twice for every connection: about the resolver's answer, and
 * about the very address given to connect(2).
 */

#ifndef POLICY_H
#define POLICY_H


#include <stddef.h>
#include <sys/socket.h>


typedef struct policy_s  policy_t;


/*
 * Make a policy that also allows the ranges in cidrs: "10.0.0.0/8, ::1/128",
 * separated by commas or spaces, "" for none.  NULL on failure with a sentence
 * in err.  The metadata addresses 169.254.169.254 and fd00:ec2::254 stay shut
 * inside a wider range and open only when named alone (/32, /128).
 */
policy_t *policy_create(const char *cidrs, char *err, size_t errlen);
void policy_destroy(policy_t *p);

/* Whether this address may be dialled; 1 or 0.  Families but IPv4 and IPv6
 * never may.  The port is not looked at.
 */
int policy_allows(const policy_t *p, const struct sockaddr *sa);

/*
 * Whether a URL may name this port: all but 0 and the WHATWG Fetch standard's
 * bad ports (https://fetch.spec.whatwg.org/#port-blocking); 1 or 0.
 */
int policy_allows_port(unsigned port);


#endif /* POLICY_H */
