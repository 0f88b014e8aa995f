// Pictures in the comments: what a message offers, and what of it a page may load.

/** A picture that somebody sent. */
export interface Picture {
  /** For the list of comments. */
  readonly thumb: string;
  /** For the whole screen. */
  readonly full: string;
  /** Pixels of the original; 0 where the sender did not say. */
  readonly width: number;
  readonly height: number;
}

/** The wire's numbers for the sizes of a picture. */
const ORIGINAL = 1;
const LARGE = 2;
const SMALL = 3;

interface Size {
  readonly sizeType?: unknown;
  readonly url?: unknown;
  readonly imageUrl?: unknown;
  readonly width?: unknown;
  readonly height?: unknown;
}

/** Reads the payload of an image message; null when it holds no address that a page may load. */
export function pictureOf(payload: Record<string, unknown>): Picture | null {
  const sizes = (Array.isArray(payload['imageInfoArray']) ? payload['imageInfoArray'] : []) as Size[];
  const urlOf = (size: Size | undefined) => webAddress(size?.url) || webAddress(size?.imageUrl);
  const original = urlOf(sizes.find(({ sizeType }) => sizeType === ORIGINAL) ?? sizes[0]);
  if (!original) return null;
  const sized = (type: number) => urlOf(sizes.find(({ sizeType }) => sizeType === type)) || original;
  const first = sizes[0] ?? {};
  return {
    thumb: sized(SMALL),
    full: sized(LARGE),
    width: Number(first.width) || 0,
    height: Number(first.height) || 0,
  };
}

/** How large a picture is drawn within a square: known before it is there, so that the list does not jump. */
export function fitWithin({ width, height }: Picture, side: number): { readonly width: number; readonly height: number } {
  if (!width || !height) return { width: side, height: side };
  const scale = Math.min(1, side / width, side / height);
  // Very long pictures are cut rather than drawn as a line.
  return { width: Math.max(SIDE_MIN, Math.round(width * scale)), height: Math.max(SIDE_MIN, Math.round(height * scale)) };
}

const SIDE_MIN = 48;

/** A sender may write anything into an address; a page loads what lies on the web and nothing else. */
function webAddress(value: unknown): string {
  return typeof value === 'string' && /^https?:\/\//i.test(value) ? value : '';
}
