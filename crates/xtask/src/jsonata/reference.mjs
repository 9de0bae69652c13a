// The reference's side of the differential test: JSON Lines in, JSON Lines out, in the same order.
// Functions become what JSON makes of them: nothing in objects, null in lists.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

// One time and one random number, as the other side has them.
const RealDate = Date;
globalThis.Date = class extends RealDate {
    constructor(...given) {
        if (given.length === 0) super(1790000000000);
        else super(...given);
    }
    static now() {
        return 1790000000000;
    }
};
Math.random = () => 0.42;

const jsonata = createRequire(process.cwd() + '/')('jsonata');

function isFunction(value) {
    return typeof value === 'function' || (value && typeof value === 'object' && (value._jsonata_lambda === true || value._jsonata_function === true));
}

function plain(value) {
    if (value === undefined || isFunction(value)) return undefined;
    // Half a surrogate pair is no text on the other side.
    if (typeof value === 'string') return value.toWellFormed();
    if (typeof value === 'number') return Number.isFinite(value) ? value : null;
    if (Array.isArray(value)) return value.map((item) => plain(item) ?? null);
    if (value && typeof value === 'object') {
        const fields = {};
        for (const [key, field] of Object.entries(value)) {
            const shown = plain(field);
            if (shown !== undefined) Object.defineProperty(fields, key, { value: shown, enumerable: true, writable: true, configurable: true });
        }
        return fields;
    }
    return value;
}

// The built-in functions keep the place and name of their last call, even from one expression to the next.
const names = 'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power random boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl eval toMillis fromMillis clone'.split(' ');
const natives = await Promise.all(names.map((name) => jsonata('$' + name).evaluate()));

for await (const line of createInterface({ input: process.stdin })) {
    const { expr, data } = JSON.parse(line);
    for (const native of natives) {
        delete native.position;
        delete native.token;
    }
    let answer;
    try {
        const result = plain(await jsonata(expr).evaluate(data));
        answer = result === undefined ? { undefined: true } : { result };
    } catch (error) {
        // Without a code it is no answer of the language but a mishap of its implementation.
        const { code, position, message } = error;
        answer = code ? { error: { code, position, token: plain(error.token), message: plain(message) } } : { mishap: String(message) };
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
}
