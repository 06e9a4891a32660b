
/*
 * Files that settings name.
 */

#ifndef FILE_H
#define FILE_H


#include <stddef.h>
#include <stdio.h>


/*
 * Open a regular file for reading; the caller closes it.  What blocks, as a
 * pipe, or never ends, as a device, is refused.  SC_OK, or SC_ERROR with a
 * sentence in err.
 */
int file_open(FILE **file, const char *path, char *err, size_t errlen);


#endif /* FILE_H */
