/** A piece of a line of Python; `look` is "" for what is plain. */
export interface Piece {
  text: string;
  look: "" | "keyword" | "string" | "comment" | "number" | "decorator" | "defined";
}

const KEYWORDS =
  "and|as|assert|async|await|break|case|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|match|nonlocal|not|or|pass|raise|return|try|while|with|yield|None|True|False|self";
const TOKENS = new RegExp(
  [
    `(?<comment>#[^\\n]*)`,
    `(?<string>\\b[rbfuRBFU]{0,2}(?:"""[\\s\\S]*?(?:"""|$)|'''[\\s\\S]*?(?:'''|$))|[rbfuRBFU]{0,2}(?:"(?:\\\\.|[^"\\\\\\n])*"?|'(?:\\\\.|[^'\\\\\\n])*'?))`,
    `(?<decorator>^[ \\t]*@[\\w.]+)`,
    `(?<defined>(?<=\\b(?:def|class)[ \\t]+)\\w+)`,
    `(?<keyword>\\b(?:${KEYWORDS})\\b)`,
    `(?<number>\\b\\d[\\w.]*)`,
  ].join("|"),
  "gm",
);

/** The lines of `source` in pieces. */
export function highlighted(source: string): Piece[][] {
  const lines: Piece[][] = [[]];
  const add = (text: string, look: Piece["look"]): void => {
    text.split("\n").forEach((part, i) => {
      if (i > 0) lines.push([]);
      if (part) lines.at(-1)?.push({ text: part, look });
    });
  };
  let at = 0;
  for (const match of source.matchAll(TOKENS)) {
    add(source.slice(at, match.index), "");
    const [look] = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined) ?? [""];
    add(match[0], look as Piece["look"]);
    at = match.index + match[0].length;
  }
  add(source.slice(at), "");
  return lines;
}
