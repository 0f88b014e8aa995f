import { displayName, hueOf, initial, pageAddress, type Person } from '@hawker/web-shared';
import { h } from '../dom';

/** A picture that does not load gives way to the letter behind it. */
export function avatar(person: Person): HTMLElement {
  const letter = h('span', { class: 'avatar', 'aria-hidden': 'true' }, initial(displayName(person)));
  letter.style.setProperty('--hue', String(hueOf(person.userID)));
  const address = pageAddress(person.avatar);
  if (!address) return letter;
  const picture = h('img', { src: address, alt: '', referrerpolicy: 'no-referrer', onerror: () => picture.remove() });
  letter.append(picture);
  return letter;
}
