// Dates as templates write them: the directives of strftime that chat templates use, in English.
// The engine's own follows the user's language, which would change a prompt from machine to machine.

const months =
  "January February March April May June July August September October November December".split(
    " ",
  );
const days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** The local time in a strftime format; an unknown directive stays as it is. */
export function formatTime(time: Date, format: string): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return format.replace(/%[a-zA-Z%]/g, (directive) => {
    switch (directive) {
      case "%Y":
        return String(time.getFullYear());
      case "%y":
        return two(time.getFullYear() % 100);
      case "%m":
        return two(time.getMonth() + 1);
      case "%d":
        return two(time.getDate());
      case "%B":
        return months[time.getMonth()]!;
      case "%b":
        return months[time.getMonth()]!.slice(0, 3);
      case "%A":
        return days[time.getDay()]!;
      case "%a":
        return days[time.getDay()]!.slice(0, 3);
      case "%H":
        return two(time.getHours());
      case "%I":
        return two(time.getHours() % 12 || 12);
      case "%p":
        return time.getHours() < 12 ? "AM" : "PM";
      case "%M":
        return two(time.getMinutes());
      case "%S":
        return two(time.getSeconds());
      case "%%":
        return "%";
      default:
        return directive;
    }
  });
}
