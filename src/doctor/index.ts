import type { Doctor } from './doctor.ts';

/** Doctors by the word users write for `broker:`; their code is loaded only when it is needed. */
export const doctors = {
  mosquitto: { load: () => import('./mosquitto/index.ts') },
  emqx: { load: () => import('./emqx/index.ts') },
} satisfies Record<string, { load: () => Promise<{ doctor: Doctor }> }>;

export type DoctorName = keyof typeof doctors;
