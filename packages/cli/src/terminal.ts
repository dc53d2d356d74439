/** What is only for people at a terminal: colours, and one line that says how far long work has come. */
import process from 'node:process';
import { sizeText } from './table.ts';

export type Colour = 'red' | 'yellow' | 'green' | 'bold';

const CODES: Readonly<Record<Colour, number>> = { red: 31, yellow: 33, green: 32, bold: 1 };
const REDRAW_MS = 100;

/** The text as it is, unless standard output is a terminal that wants colours. */
export function paint(colour: Colour, text: string): string {
  if (!process.stdout.isTTY || (process.env['NO_COLOR'] ?? '') !== '') return text;
  return `\u001b[${CODES[colour]}m${text}\u001b[0m`;
}

export interface Progress {
  show(doneBytes: number, totalBytes: number): void;
  end(): void;
}

/** On standard error, and only on a terminal. */
export function makeProgress(wanted: boolean): Progress {
  if (!wanted || !process.stderr.isTTY) return { show: () => {}, end: () => {} };
  let shownMs = performance.now();
  let isShown = false;
  return {
    show: (doneBytes, totalBytes) => {
      const nowMs = performance.now();
      if (nowMs - shownMs < REDRAW_MS) return;
      shownMs = nowMs;
      isShown = true;
      const share = totalBytes === 0 ? 100 : Math.min(100, (doneBytes / totalBytes) * 100);
      process.stderr.write(`\r\u001b[K${share.toFixed(0)} %  ${sizeText(doneBytes)} of ${sizeText(totalBytes)}`);
    },
    end: () => {
      if (isShown) process.stderr.write('\r\u001b[K');
    },
  };
}
