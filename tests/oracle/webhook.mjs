// Verify a webhook's signature as Standard Webhooks 1.0 says, with nothing of
// the gateway's.  usage: node webhook.mjs SECRET < REQUEST
// The request is as it came: head, empty line, body.  Says its id, or why not.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';

const request = readFileSync(0);
const end = request.indexOf('\r\n\r\n');
const body = request.subarray(end + 4);
const fields = new Map(
    request.subarray(0, end).toString('latin1').split('\r\n').slice(1)
        .map((line) => line.split(/:\s*/, 1).concat(
            line.slice(line.indexOf(':') + 1).trim()))
        .map(([name, value]) => [name.toLowerCase(), value]));

const secret = process.argv[2];
const key = secret.startsWith('whsec_')
    ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
const id = fields.get('webhook-id');
const at = fields.get('webhook-timestamp');

if (Math.abs(Date.now() / 1000 - Number(at)) > 300) {
    console.log(`timestamp ${at} is not now`);
    process.exit(1);
}

const expected = createHmac('sha256', key)
    .update(`${id}.${at}.`).update(body).digest();
const right = (fields.get('webhook-signature') ?? '').split(' ')
    .filter((part) => part.startsWith('v1,'))
    .map((part) => Buffer.from(part.slice(3), 'base64'))
    .some((mac) => mac.length === expected.length
        && timingSafeEqual(mac, expected));

console.log(right ? id : 'signature does not match');
process.exit(right ? 0 : 1);
