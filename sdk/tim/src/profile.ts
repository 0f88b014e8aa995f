import { type Body, Code, bad, bodiesOf, numberOf, stringOf } from '@hawker/client';
import { fieldsFrom } from './check.js';
import type { Profile } from './types.js';

const PREFIX = 'Tag_Profile_IM_';
const CUSTOM_PREFIX = 'Tag_Profile_Custom_';

/** Wire tag of each plain field. Source: wire protocol, section 6. */
const TAGS = {
  nick: 'Nick', avatar: 'Image', gender: 'Gender', birthday: 'BirthDay', location: 'Location',
  selfSignature: 'SelfSignature', allowType: 'AllowType', language: 'Language', messageSettings: 'MsgSettings',
  adminForbidType: 'AdminForbidType', level: 'Level', role: 'Role',
} as const;

type Field = keyof typeof TAGS;

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

/** The items of a change. Refuses unknown fields and wrong types (2721), and an empty change (2722). */
export function itemsOf(change: Readonly<Record<string, unknown>>): Body[] {
  const sample = emptyProfile('');
  const items: Body[] = [];
  for (const [key, value] of Object.entries(change)) {
    if (key === 'profileCustomField') {
      items.push(...fieldsFrom(value, key).map(({ Key, Value }) => ({ Tag: Key, Value })));
    } else if (key in TAGS && typeof value === typeof sample[key as Field]) {
      items.push({ Tag: PREFIX + TAGS[key as Field], Value: value });
    } else {
      throw bad(Code.badProfileKey, key, 'is not a field of a profile or has the wrong type');
    }
  }
  if (items.length === 0) throw bad(Code.badProfile, 'options', 'must name at least one field of the profile');
  return items;
}

/** The profiles of a `portrait_get_all` reply. */
export function profilesOf(reply: Body, now: number): Profile[] {
  return bodiesOf(reply.UserProfileItem).map((item) =>
    withItems(emptyProfile(stringOf(item.To_Account)), bodiesOf(item.ProfileItem), now));
}
