
#include <string.h>
#include <strings.h>

#include <libxml/xmlstring.h>

#include "common/sc_core.h"
#include "sidecar/extract/extract_date.h"


#define EXTRACT_WORD_MAX     24
#define EXTRACT_WORD_MONTHS  12


/* Words with a space before and behind each. */
typedef struct {
    extract_word_t  kind;
    const char     *words;
} extract_words_t;


typedef struct {
    const char  *name;
    int          offset;
} extract_zone_t;


static size_t extract_date_fold(const char *word, size_t len, char *out);
static int extract_date_has(const char *words, const char *word);


/*
 * English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish,
 * Danish, Norwegian, Finnish, Polish, Czech; small letters without marks
 */

static const char *const  extract_months[EXTRACT_WORD_MONTHS] = {
    " january jan januar janner janvier janv enero ene gennaio gen janeiro"
    " januari tammi stycznia styczen sty ledna leden led ",

    " february feb februar feber fevrier fevr fev febrero febbraio fevereiro"
    " februari helmi lutego luty lut unora unor uno ",

    " march mar marz maerz mrz mars marzo marco maart mrt marts maalis marca"
    " marzec brezna brezen bre ",

    " april apr avril avr abril abr aprile huhti kwietnia kwiecien kwi dubna"
    " duben dub ",

    " may mai mayo maggio mag maio mei maj touko maja kvetna kveten kve ",

    " june jun juni juin junio giugno giu junho kesa czerwca czerwiec cze"
    " cervna cerven cvn ",

    " july jul juli juillet juil julio luglio lug julho heina lipca lipiec"
    " lip cervence cervenec cvc ",

    " august aug aout agosto ago augustus augusti elo sierpnia sierpien sie"
    " srpna srpen srp ",

    " september sep sept septembre septiembre setiembre settembre set sett"
    " setembro syys wrzesnia wrzesien wrz zari zar ",

    " october oct oktober okt octobre octubre ottobre ott outubro out loka"
    " pazdziernika pazdziernik paz rijna rijen rij ",

    " november nov novembre noviembre novembro marras listopada listopad"
    " lis listopadu ",

    " december dec dezember dez decembre diciembre dic dicembre dezembro"
    " desember des joulu grudnia grudzien gru prosince prosinec pro "
};

static const extract_words_t  extract_words[] = {
    { EXTRACT_EITHER, " mar " },

    { EXTRACT_WEEKDAY,
      " monday mon tuesday tue tues wednesday wed thursday thu thur thurs"
      " friday fri saturday sat sunday sun"
      " montag mo dienstag di mittwoch mi donnerstag do freitag fr samstag"
      " sonnabend sa sonntag so"
      " lundi lun mardi mercredi mer jeudi jeu vendredi ven samedi sam"
      " dimanche dim"
      " lunes martes miercoles mie jueves jue viernes vie sabado sab domingo"
      " dom"
      " lunedi martedi mercoledi giovedi gio venerdi sabato domenica"
      " segunda terca quarta quinta sexta feira seg ter qua qui sex"
      " maandag ma dinsdag woensdag wo donderdag vrijdag vr zaterdag za"
      " zondag zo"
      " mandag man tisdag tis tirsdag tir onsdag ons torsdag tor tors fredag"
      " fre lordag lor sondag son"
      " maanantai maanantaina tiistai tiistaina ti keskiviikko"
      " keskiviikkona ke torstai torstaina to perjantai perjantaina pe"
      " lauantai lauantaina la sunnuntai sunnuntaina su"
      " poniedzialek pon wtorek wt sroda sr czwartek czw piatek pt sobota"
      " sob niedziela niedz nd"
      " pondeli po utery ut streda st ctvrtek ct patek pa nedele ne " },

    { EXTRACT_FILLER,
      " of the at on de del di le el den der d um uhr am kl klo kello klokken"
      " a as las los les alle ore o om w dnia roku r v ve dne " }
};

static const extract_zone_t  extract_zones[] = {
    { "Z", 0 }, { "UTC", 0 }, { "GMT", 0 }, { "UT", 0 },
    { "EST", -300 }, { "EDT", -240 }, { "CST", -360 }, { "CDT", -300 },
    { "MST", -420 }, { "MDT", -360 }, { "PST", -480 }, { "PDT", -420 }
};

/* U+00C0 to U+017F without their marks; '*' is none */

static const char  extract_letters[] =
    "aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo*ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkk"
    "llllllllllnnnnnnnnnooooooo"
    "orrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";


extract_word_t
extract_date_word(const char *word, size_t len, int *month)
{
    char    folded[EXTRACT_WORD_MAX + 3];
    size_t  i, n;

    n = extract_date_fold(word, len, folded);

    if (n == 0) {
        return EXTRACT_UNKNOWN;
    }

    *month = 0;

    for (i = 0; i < EXTRACT_WORD_MONTHS && *month == 0; i++) {
        if (extract_date_has(extract_months[i], folded)) {
            *month = (int) i + 1;
        }
    }

    for (i = 0; i < sizeof(extract_words) / sizeof(extract_words_t); i++) {
        if (extract_date_has(extract_words[i].words, folded)) {
            return extract_words[i].kind;
        }
    }

    return *month != 0 ? EXTRACT_MONTH : EXTRACT_UNKNOWN;
}


int
extract_date_letter(const char *p, size_t left, size_t *len)
{
    int  c, n;

    *len = 1;

    if (left == 0) {
        return -1;
    }

    c = (unsigned char) *p;

    if (c < 0x80) {
        c |= 0x20;
        return (c >= 'a' && c <= 'z') ? c : -1;
    }

    n = left < 4 ? (int) left : 4;
    c = xmlGetUTF8Char((const unsigned char *) p, &n);

    if (c < 0) {
        return -1;
    }

    *len = (size_t) n;

    if (c >= 0x300 && c <= 0x36f) {
        return '\0';
    }

    if (c < 0xc0 || c > 0x17f || extract_letters[c - 0xc0] == '*') {
        return -1;
    }

    return extract_letters[c - 0xc0];
}


int
extract_date_zone(const char *name, size_t len, int *offset)
{
    size_t                 i;
    const extract_zone_t  *zone;

    for (i = 0; i < sizeof(extract_zones) / sizeof(extract_zone_t); i++) {
        zone = &extract_zones[i];

        if (strlen(zone->name) == len
            && strncasecmp(zone->name, name, len) == 0)
        {
            *offset = zone->offset;
            return SC_OK;
        }
    }

    return SC_DECLINED;
}


/*
 * The word with a space before and behind it, small and without marks; its
 * letters.  In Finnish a month is one with "month" behind its name.
 */

static size_t
extract_date_fold(const char *word, size_t len, char *out)
{
    int                       c;
    size_t                    i, n, used;
    static const char *const  endings[] = { "kuuta", "kuun", "kuu" };

    n = 0;
    out[n++] = ' ';

    for (i = 0; i < len; i += used) {
        c = extract_date_letter(word + i, len - i, &used);

        if (c < 0 || n > EXTRACT_WORD_MAX) {
            return 0;
        }

        if (c != '\0') {
            out[n++] = (char) c;
        }
    }

    for (i = 0; i < sizeof(endings) / sizeof(char *); i++) {
        used = strlen(endings[i]);

        if (n > used + 1 && memcmp(out + n - used, endings[i], used) == 0) {
            n -= used;
            break;
        }
    }

    out[n] = ' ';
    out[n + 1] = '\0';

    return n - 1;
}


static int
extract_date_has(const char *words, const char *word)
{
    return strstr(words, word) != NULL;
}
