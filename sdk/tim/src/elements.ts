/**
 * The elements of messages, between the wire's spelling and the official payloads: one table for both ways.
 *
 * Source: wire protocol, section 8; the kinds that carry files as `tim-js-sdk` 2.27.6 sends them.
 */
import { type Body, Code, bad, bodiesOf, bodyOf, isBody, numberOf, stringOf, textOf } from '@hawker/client';
import type { Message } from './types.js';

export type Element = Pick<Message, 'type' | 'payload'>;

/** Per field of a payload: its name on the wire, and an empty value of its kind or the fields of a list's entries. */
interface Fields {
  readonly [key: string]: readonly [wire: string, empty: '' | 0 | Fields];
}

/** Place of a picture's size in the official payload (original, small, large), by its number on the wire (original, large, small). */
const PLACES = [0, 0, 2, 1];

const ELEMENTS: Readonly<Record<string, Fields>> = {
  TIMTextElem: { text: ['Text', ''] },
  TIMCustomElem: { data: ['Data', ''], description: ['Desc', ''], extension: ['Ext', ''] },
  TIMFaceElem: { index: ['Index', 0], data: ['Data', ''] },
  TIMLocationElem: { description: ['Desc', ''], longitude: ['Longitude', 0], latitude: ['Latitude', 0] },
  TIMImageElem: {
    uuid: ['UUID', ''], imageFormat: ['ImageFormat', 0],
    imageInfoArray: ['ImageInfoArray', {
      sizeType: ['Type', 0], size: ['Size', 0], width: ['Width', 0], height: ['Height', 0],
      url: ['URL', ''], imageUrl: ['URL', ''],
    }],
  },
  TIMSoundElem: {
    uuid: ['UUID', ''], url: ['Url', ''], remoteAudioUrl: ['Url', ''], size: ['Size', 0], second: ['Second', 0],
    downloadFlag: ['Download_Flag', 0],
  },
  TIMFileElem: {
    uuid: ['UUID', ''], fileUrl: ['Url', ''], fileName: ['FileName', ''], fileSize: ['FileSize', 0],
    downloadFlag: ['Download_Flag', 0],
  },
  TIMVideoFileElem: {
    videoUUID: ['VideoUUID', ''], videoUrl: ['VideoUrl', ''], remoteVideoUrl: ['VideoUrl', ''], videoFormat: ['VideoFormat', ''],
    videoSecond: ['VideoSecond', 0], videoSize: ['VideoSize', 0], videoDownloadFlag: ['VideoDownloadFlag', 0],
    thumbUUID: ['ThumbUUID', ''], thumbUrl: ['ThumbUrl', ''], thumbFormat: ['ThumbFormat', ''], thumbSize: ['ThumbSize', 0],
    thumbWidth: ['ThumbWidth', 0], thumbHeight: ['ThumbHeight', 0], thumbDownloadFlag: ['ThumbDownloadFlag', 0],
    snapshotUrl: ['ThumbUrl', ''], snapshotWidth: ['ThumbWidth', 0], snapshotHeight: ['ThumbHeight', 0],
  },
};

function decode(fields: Fields, content: Body): Body {
  return Object.fromEntries(Object.entries(fields).map(([key, [wire, empty]]) => {
    const value = content[wire];
    return [key, empty === '' ? stringOf(value) : empty === 0 ? numberOf(value) : sizesOf(empty, value)];
  }));
}

function sizesOf(fields: Fields, list: unknown): Body[] {
  return bodiesOf(list).map((entry) => ({ type: PLACES[numberOf(entry.Type)] ?? 0, ...decode(fields, entry) })).sort((a, b) => a.type - b.type);
}

/** Of two fields with one name on the wire the later one is sent: it is the address that others can read. */
function encode(fields: Fields, payload: Body): Body {
  return Object.fromEntries(Object.entries(fields).map(([key, [wire, empty]]) => {
    const value = payload[key];
    // The old official package goes by the order, not by the numbers.
    return [wire, typeof empty === 'object' ? bodiesOf(value).map((entry) => encode(empty, entry)).sort((a, b) => numberOf(a.Type) - numberOf(b.Type)) : value ?? empty];
  }));
}

/** An element of a kind from what of these fields it knows. */
export function emptyElement(type: Message['type'], content: Body): Element {
  return elementOf({ MsgType: type, MsgContent: content });
}

/** An element from the wire. Unknown kinds are handed on with the official spelling. */
export function elementOf(entry: Body): Element {
  const type = stringOf(entry.MsgType);
  const content = bodyOf(entry.MsgContent);
  const fields = ELEMENTS[type];
  return { type, payload: fields ? decode(fields, content) : lowerKeys(content) } as Element;
}

/** The element list of a message for the wire. Errors: 2105 for kinds that cannot be sent. */
export function wireBody({ type, payload }: Element): Body[] {
  const fields = ELEMENTS[type];
  if (!fields) throw bad(Code.notAMessage, 'message', `of type ${type} cannot be sent`);
  return [{ MsgType: type, MsgContent: encode(fields, payload as unknown as Body) }];
}

/** First letter small, at every level. */
function lowerKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerKeys);
  if (!isBody(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) =>
    [/^[A-Z]+$/.test(key) ? key.toLowerCase() : key.charAt(0).toLowerCase() + key.slice(1), lowerKeys(inner)]));
}

// Elements from what an application gives

function stringIn(payload: Body, key: string): string {
  const value = payload[key] ?? '';
  if (typeof value !== 'string') throw bad(Code.badArgument, `payload.${key}`, 'must be a string');
  return value;
}

function numberIn(payload: Body, key: string): number {
  const value = payload[key];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw bad(Code.badArgument, `payload.${key}`, 'must be a number');
  return value;
}

export function textElement({ text }: Body): Element {
  return { type: 'TIMTextElem', payload: { text: textOf(text, 'payload.text') } };
}

export function customElement(payload: Body): Element {
  return {
    type: 'TIMCustomElem',
    payload: { data: stringIn(payload, 'data'), description: stringIn(payload, 'description'), extension: stringIn(payload, 'extension') },
  };
}

export function faceElement(payload: Body): Element {
  return { type: 'TIMFaceElem', payload: { index: numberIn(payload, 'index'), data: stringIn(payload, 'data') } };
}

export function locationElement(payload: Body): Element {
  return {
    type: 'TIMLocationElem',
    payload: { description: stringIn(payload, 'description'), longitude: numberIn(payload, 'longitude'), latitude: numberIn(payload, 'latitude') },
  };
}

/** The payload of a message that exists, for another one. Errors: 2453 tips, notices and what is not sent yet. */
export function forwardedElement(payload: Body): Element {
  const fields = ELEMENTS[stringOf(payload.type)];
  if (!fields || !isBody(payload.payload) || payload.status !== 'success') {
    throw bad(Code.cannotForward, 'payload', 'must be a message');
  }
  return { type: payload.type, payload: { ...payload.payload } } as Element;
}
