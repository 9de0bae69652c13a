let latest = 0;

/** Different from every other of this page. Browsers make random ones only over TLS or on the loopback address. */
export function newId(): string {
  latest += 1;
  return `n${latest}`;
}
