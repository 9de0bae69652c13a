// All pages of a list.

/** Calls until no page is left. Stops at `most` items, so that a runaway list does not fill the browser. */
export async function allPages<Item>(
  page: (token: string | undefined) => Promise<{ items: Item[] | undefined; next: string | undefined }>,
  most = 50_000,
): Promise<Item[]> {
  const found: Item[] = [];
  let token: string | undefined;
  do {
    const { items, next } = await page(token);
    found.push(...(items ?? []));
    token = next;
  } while (token && found.length < most);
  return found;
}
