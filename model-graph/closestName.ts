/** "Did you mean …": the name someone probably meant. */

/** The name of `names` that differs only in case, separators or a letter or two; null where none is near. */
export function closestName(text: string, names: readonly string[]): string | null {
  const wanted = bareLetters(text);
  let best: { name: string; distance: number } | undefined;
  for (const name of names) {
    const distance = editDistance(bareLetters(name), wanted);
    if (!best || distance < best.distance) best = { name, distance };
  }
  return best && best.distance <= (wanted.length > 4 ? 2 : 1) ? best.name : null;
}

function bareLetters(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Levenshtein's distance: letters to add, remove or replace. */
export function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = row[j - 1]! + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[right.length]!;
}
