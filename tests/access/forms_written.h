
/* The parts of tests/access/forms.h that are about how things are written. */

#ifndef FORMS_WRITTEN_H
#define FORMS_WRITTEN_H


#include "tests/access/forms.h"


/* An address of IPv4, and the addresses of IPv6 that have it inside. */
void forms_embedded(forms_t *f, const unsigned char *v4);

/* The notations of chosen addresses, names, schemes, ports and tricks. */
void forms_written(forms_t *f);


#endif /* FORMS_WRITTEN_H */
