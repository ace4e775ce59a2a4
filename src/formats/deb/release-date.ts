const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const rfc2822 =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{1,2}):([0-9]{2}):([0-9]{2}) (?:UTC|GMT|Z|[+-]0000)$/
const asctime =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) {1,2}([0-9]{1,2}) ([0-9]{1,2}):([0-9]{2}):([0-9]{2}) ([0-9]{4})$/

/** The moment (in ms) as Release files write it: `Sun, 09 Aug 2026 09:13:02 UTC`; rounded down to its second. */
export function formatReleaseDate(milliseconds: number): string {
  return new Date(milliseconds).toUTCString().replace(/GMT$/, 'UTC')
}

/**
 * Milliseconds of a Release file's date, or undefined when it is none. As in apt: the form of RFC 2822 in UTC under any of
 * its names, or asctime's; the day of the week is not compared with the date.
 */
export function parseReleaseDate(text: string): number | undefined {
  const mail = rfc2822.exec(text)
  if (mail !== null) return moment(mail[3]!, mail[2]!, mail[1]!, mail.slice(4))
  const ctime = asctime.exec(text)
  if (ctime !== null) return moment(ctime[6]!, ctime[1]!, ctime[2]!, ctime.slice(3, 6))
  return undefined
}

function moment(year: string, monthName: string, day: string, time: string[]): number | undefined {
  const month = months.indexOf(monthName)
  const [hour, minute, second] = time.map(Number) as [number, number, number]
  if (month < 0 || hour > 23 || minute > 59 || second > 59 || Number(year) < 1970) return undefined
  const date = new Date(Date.UTC(Number(year), month, Number(day), hour, minute, second))
  return date.getUTCDate() === Number(day) ? date.getTime() : undefined
}
