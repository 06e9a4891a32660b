
/*
 * The time that a page is given, as its worker's clock has it: expressions
 * that are still being evaluated when it is over are told to end.
 */

#ifndef BUDGET_H
#define BUDGET_H


#define BUDGET_MS  200      /* of the processor */


void budget_begin(void);
void budget_end(void);


#endif /* BUDGET_H */
