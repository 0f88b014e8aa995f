import { type Body, Code, HawkerError, bad, bodyOf, numberOf, stringOf } from '@hawker/client';
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

/** Per kind of message: the wire's `file_type`, what is taken, and the codes. Source: limits, section 6; types as `tim-js-sdk` 2.27.6 has them. */
const KINDS = {
  TIMImageElem: { code: 1, megabytes: 20, types: /^(jpe?g|gif|png|bmp|image|webp)$/, wanted: 'jpg, png, gif, bmp or webp', wrongType: Code.imageType, tooLarge: Code.imageTooLarge },
  TIMVideoFileElem: { code: 2, megabytes: 100, types: /^(mp4|mov|quicktime)$/, wanted: 'mp4', wrongType: Code.videoType, tooLarge: Code.videoTooLarge },
  TIMSoundElem: { code: 3, megabytes: 20, types: /^/, wanted: '', wrongType: Code.badArgument, tooLarge: Code.soundTooLarge },
  TIMFileElem: { code: 255, megabytes: 100, types: /^/, wanted: '', wrongType: Code.badArgument, tooLarge: Code.fileTooLarge },
} as const;

/** `ImageFormat` of the wire; others are 255. */
const IMAGE_FORMATS: Readonly<Record<string, number>> = { jpg: 1, jpeg: 1, gif: 2, png: 3, bmp: 4 };

/** Uploads the file of a message and writes its addresses into the payload; once, also when sending failed after it. */
export async function upload(core: Core, message: Message): Promise<void> {
  const { attachment } = message as { attachment?: Attachment };
  if (!attachment || attachment.uploaded) return;
  const type = typeOf(attachment);
  const file_type = check(message, attachment, type);
  const reply = await core.ask('sendMessage', 'im_cos_msg.pre_sig', {
    file_type, file_name: `${Math.random().toString(36).slice(2)}.${type || 'bin'}`, upload_method: 0, Duration: DURATION_S,
  });
  const told = await put(attachment, stringOf(reply.upload_url)).catch((error: unknown) => {
    throw error instanceof HawkerError ? error : failed(String(error));
  });
  name(message, reply, told);
  attachment.uploaded = true;
}

/** The suffix of the name, or what the browser says, in small letters. */
function typeOf({ blob, path, name }: Attachment): string {
  const suffix = /\.([a-z0-9]+)$/i.exec(name || path)?.[1] ?? blob?.type.replace(/^.*\//, '') ?? '';
  return suffix.toLowerCase();
}

/** Refuses what the server would refuse, and returns the wire's `file_type`. */
function check(message: Message, { size, onProgress }: Attachment, type: string): number {
  const { code, megabytes, types, wanted, wrongType, tooLarge } = KINDS[message.type as keyof typeof KINDS];
  if (onProgress !== undefined && typeof onProgress !== 'function') throw bad(Code.badProgress, 'onProgress', 'must be a function');
  if (!types.test(type)) throw bad(wrongType, 'payload.file', `must be ${wanted}, not ${type || 'of unknown type'}`);
  if (size <= 0) throw bad(Code.emptyFile, 'payload.file', 'must not be empty');
  if (size > megabytes * MEGABYTE) throw bad(tooLarge, 'payload.file', `must not be larger than ${megabytes} MB`);
  if (message.type === 'TIMImageElem') message.payload.imageFormat = IMAGE_FORMATS[type] ?? message.payload.imageFormat;
  if (message.type === 'TIMVideoFileElem') message.payload.videoFormat = type;
  return code;
}

function failed(why: string, code: number = Code.uploadFailed): HawkerError {
  return new HawkerError(code, `the file was not uploaded: ${why}`);
}

/** Writes what the server said into the payload: the sizes of a picture come with the answer to the upload. */
function name(message: Message, reply: Body, told: Body): void {
  const url = stringOf(reply.download_url);
  switch (message.type) {
    case 'TIMImageElem': {
      const urls = [url, stringOf(reply.large_url) || url, stringOf(reply.thumb_url) || url];
      message.payload.imageInfoArray.forEach((info, index) => { Object.assign(info, pictureOf(told, urls[index] ?? url)); });
      break;
    }
    case 'TIMSoundElem': Object.assign(message.payload, { url, remoteAudioUrl: url }); break;
    case 'TIMFileElem': message.payload.fileUrl = url; break;
    case 'TIMVideoFileElem': {
      const picture = stringOf(reply.snapshot_url);
      Object.assign(message.payload, { videoUrl: url, remoteVideoUrl: url, thumbUrl: picture, snapshotUrl: picture });
    }
  }
}

function pictureOf(told: Body, url: string): Partial<ImageInfo> {
  const [width, height] = [numberOf(told.width), numberOf(told.height)];
  return { url, imageUrl: url, ...(width > 0 && height > 0 ? { width, height } : {}) };
}

/** Sends the bytes; resolves with the server's JSON answer, `{}` when there is none. */
async function put({ blob, path, onProgress }: Attachment, url: string): Promise<Body> {
  const told = onProgress as ((share: number) => void) | undefined;
  if (url === '') throw failed('no address was given for it');
  const answer = await (blob ? typeof XMLHttpRequest === 'function' ? byXhr(blob, url, told) : byFetch(blob, url) : byWx(path, url));
  told?.(1);
  return answer;
}

function answerOf(status: number, text: unknown): Body {
  let body: Body = {};
  try {
    body = bodyOf(typeof text === 'string' ? JSON.parse(text) : text);
  } catch {
    // An answer without JSON is as good as one.
  }
  if (status < 200 || status >= 300) throw failed(stringOf(body.ErrorInfo) || `status ${status}`, numberOf(body.ErrorCode, Code.uploadFailed));
  return body;
}

/** Browsers: the only way that tells how far it is. */
function byXhr(blob: Blob, url: string, onProgress?: (share: number) => void): Promise<Body> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', url);
    // The end is told when the server has it.
    request.upload.onprogress = ({ loaded, total }) => { if (loaded < total) onProgress?.(loaded / total); };
    request.onload = () => {
      try {
        resolve(answerOf(request.status, request.responseText));
      } catch (error) {
        reject(error instanceof Error ? error : failed(String(error)));
      }
    };
    request.onerror = () => { reject(failed('the connection was lost')); };
    request.send(blob);
  });
}

async function byFetch(blob: Blob, url: string): Promise<Body> {
  const response = await fetch(url, { method: 'PUT', body: blob });
  return answerOf(response.status, await response.text());
}

async function byWx(filePath: string, url: string): Promise<Body> {
  if (typeof wx === 'undefined') throw failed('a path is a file in mini programs only');
  const data = await new Promise<ArrayBuffer>((resolve, reject) => {
    wx.getFileSystemManager().readFile({
      filePath, success: (result) => { resolve(result.data); }, fail: ({ errMsg }) => { reject(failed(errMsg ?? filePath)); },
    });
  });
  const { statusCode, data: answer } = await new Promise<{ statusCode: number; data: unknown }>((resolve, reject) => {
    wx.request({
      url, method: 'PUT', data, header: { 'content-type': 'application/octet-stream' },
      success: resolve, fail: ({ errMsg }) => { reject(failed(errMsg ?? 'the connection was lost')); },
    });
  });
  return answerOf(statusCode, answer);
}
