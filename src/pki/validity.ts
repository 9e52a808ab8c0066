const day = 24 * 60 * 60 * 1000;

/** Certificates are backdated: a clock set to local time instead of UTC is off by up to 14 hours. */
export const backdating = day;

/** Ten years. The CA is renewed with the same key, so its validity does not limit the key's. */
export const authorityLifetime = 3650 * day;

/**
 * With the backdating 825 days, the most that Apple's platforms accept for a server certificate, private CAs
 * included (HT210176): as long as every client accepts, because small clusters are deployed rarely.
 */
export const leafLifetime = 824 * day;

/** Certificates that expire sooner are due: a quarter, so that checking once a quarter is enough. */
export const renewalWindow = 90 * day;

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Validity of a certificate made `now`; never longer than its issuer's. */
export function validity(now: Date, lifetime: number, issuerNotAfter?: Date): Validity {
  const end = now.getTime() + lifetime;
  return {
    notBefore: new Date(now.getTime() - backdating),
    notAfter: new Date(Math.min(end, issuerNotAfter?.getTime() ?? end)),
  };
}

/** `2027-01-31`, in UTC. */
export function dateText(date: Date): string {
  return date.toISOString().slice(0, 10);
}
