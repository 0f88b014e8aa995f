// How a person without a picture looks: one letter on a colour that stays theirs.

/** What to call somebody: the nick, or the user ID when there is none. */
export function displayName(person: { readonly userID: string; readonly nick: string }): string {
  return person.nick.trim() || person.userID;
}

/** The first letter, whole: "👩‍🌾" is one letter to a reader and several code units to a string. */
export function initial(name: string): string {
  const segmenter = typeof Intl.Segmenter === 'function' ? new Intl.Segmenter() : null;
  const first = segmenter ? segmenter.segment(name)[Symbol.iterator]().next().value?.segment : [...name][0];
  return (first ?? '?').toUpperCase();
}

/** A hue in degrees from the user ID, the same on every page and at every visit; "guest_1" and "guest_2" far apart. */
export function hueOf(userID: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < userID.length; i += 1) hash = Math.imul(hash ^ userID.charCodeAt(i), 0x01000193);
  return (Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 8) % 360;
}
