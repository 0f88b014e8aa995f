import { type Body, bodiesOf, numberOf, stringOf } from '@hawker/client';
import type { Profile } from './types.js';

export const PREFIX = 'Tag_Profile_IM_';
const CUSTOM_PREFIX = 'Tag_Profile_Custom_';

/** Wire tag of each plain field. Source: wire protocol, section 6. */
export const TAGS = {
  nick: 'Nick', avatar: 'Image', gender: 'Gender', birthday: 'BirthDay', location: 'Location',
  selfSignature: 'SelfSignature', allowType: 'AllowType', language: 'Language', messageSettings: 'MsgSettings',
  adminForbidType: 'AdminForbidType', level: 'Level', role: 'Role',
} as const;

export type Field = keyof typeof TAGS;

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
  const custom = new Map(profile.profileCustomField.map(({ key, value }) => [key, value]));
  for (const item of items) {
    const tag = stringOf(item.Tag);
    const value = item.Value ?? item.ValueBytes;
    const field = (Object.keys(TAGS) as Field[]).find((name) => PREFIX + TAGS[name] === tag);
    if (field) assign(changed, field, value);
    else if (tag.startsWith(CUSTOM_PREFIX)) custom.set(tag, stringOf(value));
  }
  changed.profileCustomField = [...custom].map(([key, value]) => ({ key, value }));
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
