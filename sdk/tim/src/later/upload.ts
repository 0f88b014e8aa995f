import { type Body, Code, type HawkerError, bad, bodyOf, numberOf, stringOf } from '@hawker/client';
import type { Attachment } from '../attachment.js';
import type { Core } from '../core.js';
import type { ImageInfo, Message } from '../types.js';

/** How long the address for the upload is wanted for, in seconds. */
const DURATION_S = 900;

interface WxRequest {
  url: string;
  method: string;
  data: ArrayBuffer;
  header: Record<string, string>;
  success(result: { statusCode: number; data: unknown }): void;
  fail(error: { errMsg?: string }): void;
}

/** The part of `wx` that uploads. */
interface WxFiles {
  getFileSystemManager(): {
    readFile(options: { filePath: string; success(result: { data: ArrayBuffer }): void; fail(error: { errMsg?: string }): void }): void;
  };
  request(options: WxRequest): void;
}
declare const wx: WxFiles | undefined;

const MEGABYTE = 1024 * 1024;

/** What one kind of file may be, and the codes of what it is not. */
interface Kind {
  /** The wire's `file_type`. */
  readonly number: number;
  readonly megabytesMax: number;
  readonly types: RegExp;
  /** The types in words. */
  readonly wanted: string;
  readonly wrongType: number;
  readonly tooLarge: number;
  readonly failed: number;
}

/** By type of message. Source: limits, section 6; types as `tim-js-sdk` 2.27.6 has them. */
const KINDS: Readonly<Record<string, Kind>> = {
  TIMImageElem: {
    number: 1, megabytesMax: 20, types: /^(jpe?g|gif|png|bmp|image|webp)$/, wanted: 'jpg, png, gif, bmp or webp',
    wrongType: Code.imageType, tooLarge: Code.imageTooLarge, failed: Code.imageNotUploaded,
  },
  TIMVideoFileElem: {
    number: 2, megabytesMax: 100, types: /^(mp4|mov|quicktime)$/, wanted: 'mp4',
    wrongType: Code.videoType, tooLarge: Code.videoTooLarge, failed: Code.videoNotUploaded,
  },
  TIMSoundElem: {
    number: 3, megabytesMax: 20, types: /^/, wanted: 'a sound', wrongType: Code.soundNotUploaded, tooLarge: Code.soundTooLarge, failed: Code.soundNotUploaded,
  },
  TIMFileElem: {
    number: 255, megabytesMax: 100, types: /^/, wanted: 'a file', wrongType: Code.fileNotUploaded, tooLarge: Code.fileTooLarge, failed: Code.fileNotUploaded,
  },
};

/** What the server found about a file, or why it was refused. */
interface Answer {
  readonly status: number;
  readonly body: Body;
}

/** `ImageFormat` of the wire; others are 255. */
const IMAGE_FORMATS: Readonly<Record<string, number>> = { jpg: 1, jpeg: 1, gif: 2, png: 3, bmp: 4 };

/** Uploads the file of a message and writes its addresses into the payload; once, also when sending failed after it. */
export async function upload(core: Core, message: Message): Promise<void> {
  const { attachment } = message as { attachment?: Attachment };
  const kind = KINDS[message.type];
  if (!attachment || !kind || attachment.uploaded) return;
  const type = typeOf(attachment);
  check(kind, attachment, type);
  if (message.type === 'TIMImageElem') message.payload.imageFormat = IMAGE_FORMATS[type] ?? message.payload.imageFormat;
  if (message.type === 'TIMVideoFileElem') message.payload.videoFormat = type;
  const addresses = await core.ask('sendMessage', 'im_cos_msg.pre_sig', {
    file_type: kind.number, file_name: `${Math.random().toString(36).slice(2)}.${type || 'bin'}`, upload_method: 0, Duration: DURATION_S,
    // A mini program's chooser need not have said it.
    ...(attachment.blob ? { file_size: attachment.size } : {}),
  });
  const body = accepted(kind, await put(attachment, stringOf(addresses.upload_url)));
  name(message, addresses, body);
  attachment.uploaded = true;
}

/** The suffix of the name, or what the browser says, in small letters. */
function typeOf({ blob, path, name }: Attachment): string {
  const suffix = /\.([a-z0-9]+)$/i.exec(name || path)?.[1] ?? blob?.type.replace(/^.*\//, '') ?? '';
  return suffix.toLowerCase();
}

/** Refuses what the server would refuse. */
function check({ types, wanted, wrongType, megabytesMax, tooLarge }: Kind, { size, onProgress }: Attachment, type: string): void {
  if (onProgress !== undefined && typeof onProgress !== 'function') throw bad(Code.badProgress, 'onProgress', 'must be a function');
  if (size <= 0) throw bad(Code.emptyFile, 'payload.file', 'must not be empty');
  if (!types.test(type)) throw bad(wrongType, 'payload.file', `must be ${wanted}, not ${type || 'of unknown type'}`);
  if (size > megabytesMax * MEGABYTE) throw bad(tooLarge, 'payload.file', `must not be larger than ${megabytesMax} MB`);
}

/** The server looks into the file: what it is not, or is too much of, it says by the status. */
function accepted({ wanted, wrongType, tooLarge, failed }: Kind, { status, body }: Answer): Body {
  if (status >= 200 && status < 300) return body;
  const why = stringOf(body.error) || `status ${status}`;
  if (status === 415 || status === 422) throw bad(wrongType, 'payload.file', `must be ${wanted}: ${why}`);
  if (status === 413) throw bad(tooLarge, 'payload.file', `is too large: ${why}`);
  throw bad(failed, 'payload.file', `was not taken: ${why}`);
}

function cutOff(why: string): HawkerError {
  return bad(Code.network, 'payload.file', `was not uploaded: ${why}`);
}

/** Writes what the server said into the payload: the sizes of a picture come with the answer to the upload. */
function name(message: Message, addresses: Body, body: Body): void {
  const url = stringOf(addresses.download_url);
  switch (message.type) {
    case 'TIMImageElem': {
      const sizes: [unknown, Body][] = [[url, body], [addresses.large_url, bodyOf(body.large)], [addresses.thumb_url, bodyOf(body.thumb)]];
      for (const info of message.payload.imageInfoArray) picture(info, url, ...(sizes[info.sizeType - 1] ?? [url, body]));
      break;
    }
    case 'TIMSoundElem': Object.assign(message.payload, { url, remoteAudioUrl: url }); break;
    case 'TIMFileElem': message.payload.fileUrl = url; break;
    case 'TIMVideoFileElem': {
      const cover = stringOf(addresses.snapshot_url);
      Object.assign(message.payload, { videoUrl: url, remoteVideoUrl: url, thumbUrl: cover, snapshotUrl: cover });
    }
  }
}

/** One size of a picture; the original stands in for a size that is not made. */
function picture(info: ImageInfo, original: string, given: unknown, { width, height }: Body): void {
  const url = stringOf(given) || original;
  Object.assign(info, { url, imageUrl: url }, numberOf(width) > 0 ? { width: numberOf(width), height: numberOf(height) } : {});
}

/** Sends the bytes. */
async function put({ blob, path, onProgress }: Attachment, url: string): Promise<Answer> {
  const tell = onProgress as ((share: number) => void) | undefined;
  if (url === '') throw cutOff('no address was given for it');
  const answer = await (blob ? typeof XMLHttpRequest === 'function' ? byXhr(blob, url, tell) : byFetch(blob, url) : byWx(path, url));
  if (answer.status < 300) tell?.(1);
  return answer;
}

function answerOf(status: number, text: unknown): Answer {
  try {
    return { status, body: bodyOf(typeof text === 'string' ? JSON.parse(text) : text) };
  } catch {
    return { status, body: {} };
  }
}

/** Browsers: the only way that tells how far it is. */
function byXhr(blob: Blob, url: string, tell?: (share: number) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', url);
    // The end is told when the server has it.
    request.upload.onprogress = ({ loaded, total }) => { if (loaded < total) tell?.(loaded / total); };
    request.onload = () => { resolve(answerOf(request.status, request.responseText)); };
    request.onerror = () => { reject(cutOff('the connection was lost')); };
    request.send(blob);
  });
}

async function byFetch(blob: Blob, url: string): Promise<Answer> {
  const response = await fetch(url, { method: 'PUT', body: blob }).catch((error: unknown) => { throw cutOff(String(error)); });
  return answerOf(response.status, await response.text());
}

async function byWx(filePath: string, url: string): Promise<Answer> {
  if (typeof wx === 'undefined') throw bad(Code.noFile, 'payload.file', 'a path is a file in mini programs only');
  const data = await new Promise<ArrayBuffer>((resolve, reject) => {
    wx.getFileSystemManager().readFile({
      filePath, success: (result) => { resolve(result.data); }, fail: ({ errMsg }) => { reject(bad(Code.noFile, 'payload.file', errMsg ?? `cannot be read: ${filePath}`)); },
    });
  });
  const { statusCode, data: answer } = await new Promise<{ statusCode: number; data: unknown }>((resolve, reject) => {
    wx.request({
      url, method: 'PUT', data, header: { 'content-type': 'application/octet-stream' },
      success: resolve, fail: ({ errMsg }) => { reject(cutOff(errMsg ?? 'the connection was lost')); },
    });
  });
  return answerOf(statusCode, answer);
}
