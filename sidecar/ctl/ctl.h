
/*
 * scrapectl, the command line of the gateway: rule sets and files are read
 * here, with the code that the gateway has; for everything else it is a
 * client of the HTTP API.  docs/scrapectl.md is its manual.
 */

#ifndef CTL_H
#define CTL_H


/* Exit statuses. */
#define CTL_DONE         0
#define CTL_FAILED       1      /* what was asked for did not work out */
#define CTL_USAGE        2      /* the command line is wrong */
#define CTL_UNREACHABLE  3      /* no gateway answers */


/*
 * What scrapectl's main() is: one of the exit statuses.  Results go to the
 * standard output, everything else to the standard error.
 */
int ctl_main(int argc, char **argv);


#endif /* CTL_H */
