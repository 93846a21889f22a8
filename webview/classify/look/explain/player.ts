/** Arithmetic step by step: by itself, or by hand. */
import { useEffect, useState } from 'preact/hooks';
import { prefersReducedMotion } from '../../../shared/theme';

export interface Player {
  /** 0 … count: how many steps are done. */
  step: number;
  count: number;
  isPlaying: boolean;
  /** False where people asked for no motion: then everything is shown at once, and steps are made by hand. */
  canPlay: boolean;
  play(): void;
  pause(): void;
  go(step: number): void;
}

/** Begins anew, at the end, with every new `subject`: the whole is seen first, and played on demand. */
export function usePlayer(count: number, subject: string): Player {
  const [step, setStep] = useState(count);
  const [isPlaying, setPlaying] = useState(false);
  useEffect(() => {
    setStep(count);
    setPlaying(false);
  }, [subject, count]);
  useEffect(() => {
    if (!isPlaying) return;
    // Many steps go faster: nobody watches for longer than some ten seconds.
    const milliseconds = Math.max(160, Math.min(900, 9000 / count));
    const timer = setInterval(() => setStep((now) => Math.min(count, now + 1)), milliseconds);
    return () => clearInterval(timer);
  }, [isPlaying, count]);
  useEffect(() => {
    if (step >= count) setPlaying(false);
  }, [step, count]);
  return {
    step: Math.min(step, count),
    count,
    isPlaying,
    canPlay: !prefersReducedMotion(),
    play: () => {
      if (step >= count) setStep(0);
      setPlaying(true);
    },
    pause: () => setPlaying(false),
    go: (to) => {
      setPlaying(false);
      setStep(Math.max(0, Math.min(count, to)));
    },
  };
}
