import type { WriteRequest } from './ldap-message.js';

/** A write whose request has come and has not reached the directory. */
export interface ParkedWrite {
  readonly write: WriteRequest;
  pass(): void;
  isConnected(): boolean;
}

/** Lets writes through to the directory only so often; whose client gives up meanwhile is not carried out at all. */
export class WriteThrottle {
  private readonly parked: ParkedWrite[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** One write each so many milliseconds; 0 lets all of them through, those that wait first. */
  every(ms: number): void {
    clearInterval(this.timer);
    this.timer = ms === 0 ? undefined : setInterval(() => this.passOne(), ms).unref();
    if (ms === 0) while (this.parked.length > 0) this.passOne();
  }

  /** Passes it when its turn has come: at once when nothing is throttled. */
  admit(write: ParkedWrite): void {
    if (this.timer === undefined) write.pass();
    else this.parked.push(write);
  }

  /** Passes the one of these that has waited longest, out of turn. */
  passOne(isWanted: (write: WriteRequest) => boolean = () => true): void {
    this.dropAbandoned();
    const index = this.parked.findIndex(({ write }) => isWanted(write));
    if (index >= 0) this.parked.splice(index, 1)[0]!.pass();
  }

  private dropAbandoned(): void {
    const waiting = this.parked.filter((one) => one.isConnected());
    this.parked.splice(0, this.parked.length, ...waiting);
  }
}
