// An EventSource as the HTML standard (9.2) has it, made to suffer: its
// connection is cut after every few events, and it comes again with the last
// id.  usage: node events.mjs URL CUTS EVENTS
// Says a line for each event that has data, "EVENT ID DATA", and at the end
// "closed", when it was told to stop by 204.  CUTS times the connection is cut
// after EVENTS events.

const [url, cutsText, eventsText] = process.argv.slice(2);
let cuts = Number(cutsText);
let retry = 100;
let failures = 0;
let lastId = '';
let heardId = '';

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/* The parser of 9.2.6: fields collect until an empty line. */
class Parser {
    constructor(dispatch) {
        this.dispatch = dispatch;
        this.text = '';
        this.clear();
        this.id = lastId;
        this.first = true;
    }

    clear() {
        this.data = '';
        this.event = '';
    }

    feed(text) {
        this.text += text;

        if (this.first && this.text.length > 0) {
            this.first = false;
            this.text = this.text.replace(/^\uFEFF/, '');
        }

        for (;;) {
            const end = this.text.search(/[\r\n]/);
            // a CR at the end may be half of a CR LF
            if (end < 0 || (this.text[end] === '\r'
                            && end + 1 === this.text.length)) {
                return;
            }
            const two = this.text.startsWith('\r\n', end);
            const line = this.text.slice(0, end);
            this.text = this.text.slice(end + (two ? 2 : 1));
            this.line(line);
        }
    }

    line(line) {
        if (line === '') {
            lastId = this.id;
            if (this.data !== '') {
                this.dispatch(this.event || 'message',
                              this.data.replace(/\n$/, ''));
            }
            this.clear();
            return;
        }
        if (line.startsWith(':')) {
            return;
        }
        const colon = line.indexOf(':');
        const name = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? '' : line.slice(colon + 1)
            .replace(/^ /, '');
        if (name === 'event') {
            this.event = value;
        } else if (name === 'data') {
            this.data += value + '\n';
        } else if (name === 'id' && !value.includes('\0')) {
            this.id = value;
        } else if (name === 'retry' && /^[0-9]+$/.test(value)) {
            // what the gateway says is for people: here time is short
            retry = Math.min(Number(value), 100);
        }
    }
}

async function connect() {
    const abort = new AbortController();
    const headers = { Accept: 'text/event-stream',
                      'Cache-Control': 'no-store' };
    if (lastId !== '') {
        headers['Last-Event-ID'] = lastId;
    }
    const response = await fetch(url, { headers, signal: abort.signal });

    if (response.status === 204) {
        return false;
    }
    if (response.status !== 200) {
        // the standard stops here; a gateway that starts again is waited for
        throw new Error(`status ${response.status}`);
    }
    if (!/^text\/event-stream\s*(;|$)/i.test(
        response.headers.get('content-type') ?? '')) {
        console.log('not an event stream');
        process.exit(1);
    }

    failures = 0;
    let n = 0;
    let cut = false;
    const parser = new Parser((event, data) => {
        if (cut) {
            return;
        }
        console.log(`${event} ${lastId} ${data}`);
        heardId = lastId;
        if (cuts > 0 && ++n === Number(eventsText)) {
            cuts--;
            cut = true;
        }
    });
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
        parser.feed(decoder.decode(chunk, { stream: true }));
        if (cut) {
            // what came with it is lost to this client
            lastId = heardId;
            abort.abort();
            break;
        }
    }
    return true;
}

for (;;) {
    try {
        if (!await connect()) {
            console.log('closed');
            process.exit(0);
        }
    } catch (error) {
        if (error.name !== 'AbortError' && ++failures > 600) {
            console.log(String(error));
            process.exit(1);
        }
    }
    await sleep(retry);
}
