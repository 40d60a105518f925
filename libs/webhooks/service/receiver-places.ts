const AT_ONCE = 4;

/** How many messages a receiver is sent at once by this process, so that a slow one does not take all of it. */
export class PlacesAtReceivers {
  private readonly taken = new Map<string, number>();

  /** A place at this receiver; null when all are taken. Whoever takes one frees it. */
  take(receiver: string): { free(): void } | null {
    const count = this.taken.get(receiver) ?? 0;
    if (count >= AT_ONCE) return null;
    this.taken.set(receiver, count + 1);
    return { free: () => this.free(receiver) };
  }

  private free(receiver: string): void {
    const count = this.taken.get(receiver)! - 1;
    if (count === 0) this.taken.delete(receiver);
    else this.taken.set(receiver, count);
  }
}
