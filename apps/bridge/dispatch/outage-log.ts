import type { Logger } from '#libs/platform/observability';

const QUIET_MS = 10_000;

/** Tells of a server that does not take its calls: at most every ten seconds, and once when it takes them again. */
export class OutageLog {
  private failures = 0;
  private toldAt: number | null = null;

  constructor(
    private readonly server: string,
    private readonly logger: Logger,
  ) {}

  failed(why: string, details: object): void {
    this.failures += 1;
    const now = performance.now();
    if (this.toldAt !== null && now - this.toldAt < QUIET_MS) return;
    this.toldAt = now;
    this.logger.warn(
      { ...details, why, failures: this.failures },
      `${this.server} does not take what the bridge brings; it waits`,
    );
  }

  passed(): void {
    if (this.failures === 0) return;
    this.logger.info({ failures: this.failures }, `${this.server} takes what the bridge brings`);
    this.failures = 0;
  }
}
