// SPDX-License-Identifier: Apache-2.0
// Frames of an uncompressed DICOM image as pixels on a window.
import { parseDicom, type DataSet } from 'dicom-parser';
import { fhirDate } from '../state/words';

const EXPLICIT_LE = '1.2.840.10008.1.2.1';
const IMPLICIT_LE = '1.2.840.10008.1.2';
const PIXELS_MAX = 64 << 20;

export interface DicomImage {
  rows: number;
  columns: number;
  frames: number;
  /** Rescaled values of a frame (CT: Hounsfield units), or null for colour. */
  values(frame: number): Float32Array | null;
  rgb(frame: number): Uint8ClampedArray | null;
  center: number;
  width: number;
  low: number;
  high: number;
  inverted: boolean;
  facts: [string, string][];
}

export function readDicom(bytes: Uint8Array): DicomImage {
  const set = parseDicom(bytes);
  const syntax = set.string('x00020010') ?? IMPLICIT_LE;
  if (syntax !== EXPLICIT_LE && syntax !== IMPLICIT_LE) throw new Error(`transfer syntax ${syntax}`);
  const photometric = photometricOf(set);
  const rows = set.uint16('x00280010') ?? 0;
  const columns = set.uint16('x00280011') ?? 0;
  const samples = set.uint16('x00280002') ?? 1;
  const bits = set.uint16('x00280100') ?? 16;
  const frames = Math.max(1, Number(set.string('x00280008') ?? '1') || 1);
  const pixel = set.elements['x7fe00010'];
  const each = rows * columns * samples * (bits / 8);
  if (!pixel || !rows || !columns || each > PIXELS_MAX || ![8, 16].includes(bits)) throw new Error('no image that can be shown');
  const have = Math.min(frames, Math.floor(Math.min(pixel.length, bytes.length - pixel.dataOffset) / each));
  if (have < 1) throw new Error('the image is cut off');
  const image: DicomImage = {
    rows, columns, frames: have, low: 0, high: 255, center: 128, width: 256, inverted: photometric === 'MONOCHROME1',
    values: (f) => (samples === 1 ? gray(bytes, pixel.dataOffset + f * each, rows * columns, bits, set) : null),
    rgb: (f) => (samples === 3 ? colour(bytes, pixel.dataOffset + f * each, rows * columns, set.uint16('x00280006') === 1) : null),
    facts: factsOf(set),
  };
  const first = image.values(0);
  if (first) setWindow(image, first, set);
  return image;
}
/** How many samples a pixel has, by what they mean. Others would be drawn in wrong colours: they are refused by name. */
const SAMPLES: Record<string, number> = { MONOCHROME1: 1, MONOCHROME2: 1, RGB: 3 };
function photometricOf(set: DataSet): string {
  const name = (set.string('x00280004') ?? '').trim();
  if (!Object.hasOwn(SAMPLES, name) || SAMPLES[name] !== (set.uint16('x00280002') ?? 1)) throw new Error(`photometric interpretation ${name || 'not stated'}`);
  return name;
}
function gray(bytes: Uint8Array, at: number, n: number, bits: number, set: DataSet): Float32Array {
  const signed = set.uint16('x00280103') === 1;
  const slope = set.floatString('x00281053') ?? 1;
  const intercept = set.floatString('x00281052') ?? 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, (n * bits) / 8);
  const out = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const raw = bits === 8 ? (signed ? view.getInt8(i) : view.getUint8(i)) : signed ? view.getInt16(2 * i, true) : view.getUint16(2 * i, true);
    out[i] = raw * slope + intercept;
  }
  return out;
}
function colour(bytes: Uint8Array, at: number, n: number, planar: boolean): Uint8ClampedArray {
  const out = new Uint8ClampedArray(n * 4);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < 3; c++) out[4 * i + c] = bytes[planar ? at + c * n + i : at + 3 * i + c]!;
    out[4 * i + 3] = 255;
  }
  return out;
}
function setWindow(image: DicomImage, values: Float32Array, set: DataSet): void {
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  image.low = low;
  image.high = high;
  const w = set.floatString('x00281051', 0);
  const c = set.floatString('x00281050', 0);
  image.width = w && w > 0 ? w : Math.max(1, high - low);
  image.center = c ?? (low + high) / 2;
}
function factsOf(set: DataSet): [string, string][] {
  const tags: [string, string][] = [
    [$localize`Kind of image`, 'x00080060'], [$localize`Study`, 'x00081030'], [$localize`Series`, 'x0008103e'], [$localize`Body part`, 'x00180015'],
    [$localize`Date`, 'x00080020'], [$localize`Maker of the machine`, 'x00080070'],
  ];
  return tags.map(([name, tag]): [string, string] => [name, textOf(set, tag)]).filter(([, v]) => v !== '');
}
function textOf(set: DataSet, tag: string): string {
  const text = (set.string(tag) ?? '').trim();
  const d = /^(\d{4})(\d\d)(\d\d)$/.exec(text);
  return tag === 'x00080020' && d ? fhirDate(`${d[1]}-${d[2]}-${d[3]}`) : text;
}

/** Linear window (DICOM PS3.3 C.11.2.1.2) to 8 bits of grey. */
export function applyWindow(values: Float32Array, center: number, width: number, inverted: boolean, out: Uint8ClampedArray): void {
  const scale = 255 / Math.max(1, width - 1);
  const from = center - 0.5 - (width - 1) / 2;
  for (let i = 0; i < values.length; i++) {
    const v = (values[i]! - from) * scale;
    const g = inverted ? 255 - v : v;
    out[4 * i] = out[4 * i + 1] = out[4 * i + 2] = g;
    out[4 * i + 3] = 255;
  }
}
