/** A length of virtual time as a person reads it: "2 d 3 h", "45 s", "0 s". At most two units. */
export function humanDuration(seconds: number): string {
  const units: [string, number][] = [
    ['d', Math.floor(seconds / 86_400)],
    ['h', Math.floor(seconds / 3600) % 24],
    ['min', Math.floor(seconds / 60) % 60],
    ['s', Math.round(seconds % 60)],
  ];
  const shown = units.filter(([, amount]) => amount > 0).slice(0, 2);
  return shown.length === 0 ? '0 s' : shown.map(([unit, amount]) => `${amount} ${unit}`).join(' ');
}
