/** What a bench tells while it runs, on standard error: standard output ends in its JSON line. */
export class Progress {
  private readonly startedAt = performance.now();

  say(text: string): void {
    process.stderr.write(`${this.seconds().toFixed(1).padStart(6)} s  ${text}\n`);
  }

  seconds(): number {
    return (performance.now() - this.startedAt) / 1000;
  }
}
