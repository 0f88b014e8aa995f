/** JSON with a line for each field; whatever is no JSON stays as it is. */
export function pretty(text: unknown): string {
  if (typeof text !== 'string') return text === null || text === undefined ? '' : JSON.stringify(text, null, 2);
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
