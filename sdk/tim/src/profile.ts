import { type Body, bodiesOf, numberOf, stringOf } from '@hawker/client';
import { changedFields } from './group.js';
import type { CustomField, Profile } from './types.js';

const CUSTOM_PREFIX = 'Tag_Profile_Custom_';

/** The fields whose wire tag is not simply their name. Source: wire protocol, section 6. */
const TAGS: Readonly<Record<string, string>> = { avatar: 'Image', birthday: 'BirthDay', messageSettings: 'MsgSettings' };

/** A field that has a tag of its own. */
export type Field = Exclude<keyof Profile, 'userID' | 'lastUpdatedTime' | 'profileCustomField'>;

/** The wire's tag of a field. */
export function tagOf(field: string): string {
  return `Tag_Profile_IM_${TAGS[field] ?? field.charAt(0).toUpperCase() + field.slice(1)}`;
}

export function emptyProfile(userID: string): Profile {
  return {
    userID, nick: '', avatar: '', gender: '', birthday: 0, location: '', selfSignature: '',
    allowType: 'AllowType_Type_AllowAny', language: 0, messageSettings: 0, adminForbidType: 'AdminForbid_Type_None',
    level: 0, role: 0, lastUpdatedTime: 0, profileCustomField: [],
  };
}

/** A copy of the profile with the items laid over it. Items come as `Value` in replies and `ValueBytes` in pushes. */
export function withItems(profile: Profile, items: readonly Body[], now: number): Profile {
  const changed: Profile = { ...profile, lastUpdatedTime: now };
  const custom: CustomField[] = [];
  for (const item of items) {
    const key = stringOf(item.Tag);
    const value = item.Value ?? item.ValueBytes;
    const field = Object.keys(changed).find((name) => tagOf(name) === key);
    if (field) assign(changed, field as Field, value);
    else if (key.startsWith(CUSTOM_PREFIX)) custom.push({ key, value: stringOf(value) });
  }
  changed.profileCustomField = changedFields(profile.profileCustomField, custom);
  return changed;
}

function assign(profile: Profile, field: Field, value: unknown): void {
  const fields: Record<Field, string | number> = profile;
  fields[field] = typeof fields[field] === 'number' ? numberOf(value) : stringOf(value);
}

/** The profiles of a `portrait_get_all` reply. */
export function profilesOf(reply: Body, now: number): Profile[] {
  return bodiesOf(reply.UserProfileItem).map((item) =>
    withItems(emptyProfile(stringOf(item.To_Account)), bodiesOf(item.ProfileItem), now));
}
