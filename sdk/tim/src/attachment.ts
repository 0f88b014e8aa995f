/**
 * What an application gives as a file, in the ways of browsers, Node and mini programs. Here a message is made of it;
 * its type and size are checked when it is sent (`later/upload.ts`), as the official packages do it.
 */
import { type Body, Code, bad, bodiesOf, isBody, numberOf, stringOf } from '@hawker/client';
import { type Element, emptyElement } from './elements.js';

/** Messages with a file. */
export type FileType = 'TIMImageElem' | 'TIMSoundElem' | 'TIMVideoFileElem' | 'TIMFileElem';

/** A file on its way into a message. */
export interface Attachment {
  /** Bytes of a browser or Node. */
  readonly blob: Blob | null;
  /** Place of the file in a mini program. */
  readonly path: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Hears the share that is uploaded, 0 to 1. */
  readonly onProgress: unknown;
  /** Set when the file is at the server and the payload names it. */
  uploaded: boolean;
}

/** The one file in what was given: a file input, a `File` or `Blob`, or the result of a mini program's chooser. */
function fileIn(given: Body): unknown {
  const { files, tempFiles, tempFilePaths } = given;
  if (files) return (files as ArrayLike<unknown>)[0];
  return bodiesOf(tempFiles)[0] ?? (Array.isArray(tempFilePaths) ? { path: tempFilePaths[0] as unknown } : given);
}

/** Finds the file. Errors: 2251 (pictures) and 2401 when there is none. */
export function attachmentFrom(type: FileType, { file, onProgress }: Body): Attachment & { fields: Body } {
  const found = isBody(file) ? fileIn(file) : undefined;
  const fields = isBody(found) ? found : {};
  const path = stringOf(fields.tempFilePath) || stringOf(fields.path);
  const blob = typeof fields.slice === 'function' ? found as Blob : null;
  if (!blob && path === '') throw bad(type === 'TIMImageElem' ? Code.noImage : Code.noFile, 'payload.file', 'must be a file');
  return {
    blob, path, fields, onProgress, uploaded: false,
    name: stringOf(fields.name) || path.replace(/^.*\//, ''),
    // A chooser need not know the size; the server does.
    size: blob ? blob.size : numberOf(fields.size ?? fields.fileSize, 1),
  };
}

/** The element of a file that is not uploaded yet; its addresses are what the own screen can show. */
export function fileElement(type: FileType, { blob, path, name, size, fields }: Attachment & { fields: Body }, uuid: string): Element {
  const url = blob && typeof document !== 'undefined' ? URL.createObjectURL(blob) : path;
  const [Width, Height] = [numberOf(fields.width), numberOf(fields.height)];
  const seconds = numberOf(fields.duration);
  return emptyElement(type, {
    UUID: uuid, VideoUUID: uuid, Url: url, VideoUrl: url, Download_Flag: 2, VideoDownloadFlag: 2, ThumbDownloadFlag: 2,
    FileName: name, FileSize: size, Size: size, VideoSize: size, ThumbWidth: Width, ThumbHeight: Height,
    // Recorders count milliseconds, choosers of videos seconds.
    Second: Math.floor(seconds / 1000), VideoSecond: Math.floor(seconds),
    ImageFormat: 255, ImageInfoArray: [1, 2, 3].map((Type) => ({ Type, Size: size, Width, Height, URL: url })),
  });
}
