// @ts-check

/**
 * @typedef {(text: string, fraction?: number) => void} Report what a step is doing now, and how much of it is done (0 to 1)
 * @typedef {{ name: string, seconds: number, failed: boolean }} StepTime
 */

const TICK_MS = 500;
const PLAIN_EVERY_MS = 10_000;

/**
 * Shows steps that take a while, several at once: on a terminal a line each that keeps ticking, otherwise (CI, a pipe)
 * a line every ten seconds.
 */
export class Progress {
  /** @type {Map<string, { from: number, text: string, fraction: number | undefined, told: number }>} */
  #active = new Map();
  /** @type {StepTime[]} */
  times = [];
  #drawn = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #live;
  #out;

  /** @param {{ out?: NodeJS.WriteStream, live?: boolean }} [options] */
  constructor({ out = process.stdout, live = Boolean(out.isTTY) && process.env.CI !== 'true' } = {}) {
    this.#out = out;
    this.#live = live;
  }

  /**
   * Runs a step and prints how long it took.
   * @template T
   * @param {string} name
   * @param {(report: Report) => Promise<T>} work
   * @param {(result: T) => boolean} [isFailure] whether a result counts as a failure, where that is no exception
   * @returns {Promise<T>}
   */
  async step(name, work, isFailure = () => false) {
    const step = {
      from: performance.now(),
      text: '',
      fraction: /** @type {number | undefined} */ (undefined),
      told: performance.now(),
    };
    this.#active.set(name, step);
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    if (!this.#live) this.line(`  … ${name}`);
    try {
      const result = await work((text, fraction) => Object.assign(step, { text, fraction }));
      this.#finish(name, step.from, isFailure(result));
      return result;
    } catch (error) {
      this.#finish(name, step.from, true);
      throw error;
    }
  }

  /** Prints a line above the ticking ones. @param {string} text */
  line(text) {
    this.#erase();
    this.#out.write(`${text}\n`);
    this.#draw();
  }

  /** @param {string} name @param {number} from @param {boolean} failed */
  #finish(name, from, failed) {
    this.#erase();
    this.#active.delete(name);
    const seconds = (performance.now() - from) / 1000;
    this.times.push({ name, seconds, failed });
    if (this.#active.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.line(`  ${failed ? '✗' : '✓'} ${name} ${seconds.toFixed(1)} s`);
  }

  #tick() {
    if (this.#live) {
      this.#erase();
      this.#draw();
      return;
    }
    for (const [name, step] of this.#active) {
      if (performance.now() - step.told < PLAIN_EVERY_MS) continue;
      step.told = performance.now();
      this.#out.write(`  … ${describe(name, step)}\n`);
    }
  }

  #draw() {
    if (!this.#live) return;
    const width = this.#out.columns || 80;
    for (const [name, step] of this.#active) this.#out.write(`  … ${describe(name, step)}`.slice(0, width - 1) + '\n');
    this.#drawn = this.#active.size;
  }

  #erase() {
    if (this.#drawn > 0) this.#out.write(`\x1b[${this.#drawn}A\x1b[0J`);
    this.#drawn = 0;
  }
}

/** @param {string} name @param {{ from: number, text: string, fraction: number | undefined }} step */
function describe(name, { from, text, fraction }) {
  const seconds = Math.round((performance.now() - from) / 1000);
  return [name, fraction === undefined ? '' : `${Math.floor(fraction * 100)}%`, `${seconds} s`, text && `(${text})`]
    .filter(Boolean)
    .join(' ');
}
