import { z } from 'zod';

/** A span of time as Go writes it: `1h30m`, `500ms`. */
export const goDuration = () => z.string().regex(/^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$/);
