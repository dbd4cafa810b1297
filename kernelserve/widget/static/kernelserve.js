var he, Ca, Xt, _s, rr, La, er, Pa, js, ws, mr = Symbol.for("pv"), sr = {}, ir = [], Ru = /^m(i|n|o|s|text|space)$/, Fs = Array.isArray, zs = ir.slice, bn = Object.assign;
function vn(e) {
  e && e.parentNode && e.remove();
}
function ju(e, t, n) {
  var l, r, s, i = {}, o = arguments.length;
  for (s in t) s == "key" ? l = t[s] : s == "ref" && typeof e != "function" ? r = t[s] : i[s] = t[s];
  return o > 2 && (i.children = o > 3 ? zs.call(arguments, 2) : n), Tl(e, i, l, r, null);
}
function Tl(e, t, n, l, r) {
  var s = { type: e, props: t, key: n, ref: l, __k: null, __: null, __b: 0, __e: null, __c: null, constructor: mr, __v: r || ++Ca, __i: -1, __u: 0 };
  return !r && he.vnode && he.vnode(s), s;
}
function Ft(e) {
  return e.children;
}
function tn(e, t) {
  this.props = e, this.context = t, this.__g = 0;
}
function nn(e, t) {
  if (t == null) return e.__ && nn(e.__, e.__i + 1);
  for (var n; t < e.__k.length; t++) if ((n = e.__k[t]) && n.__e) return n.__e;
  return typeof e.type != "function" || e.props.__P ? null : nn(e);
}
function Fu(e) {
  var t, n = e.__v, l = n.__e, r = [], s = [], i = e.__P;
  i && ((t = bn({ constructor: mr }, n)).__v = n.__v + 1, he.vnode && he.vnode(t), Vs(i, t, n, e.__n, i.namespaceURI, 32 & n.__u ? [l] : null, r, l || nn(n), 32 & n.__u, s), t.__v = n.__v, t.__.__k[t.__i] = t, Fa(r, t, s), n.__ = n.__e = null, t.__e != l && Aa(t));
}
function Aa(e) {
  if ((e = e.__) && e.__c && !e.props.__P) return e.__e = null, e.__k.some(function(t) {
    return t && (e.__e = t.__e);
  }), Aa(e);
}
function Bi(e) {
  (8 & e.__g || (e.__g |= 8, Xt.push(e), rr++)) && _s == he.debounceRendering || ((_s = he.debounceRendering) || queueMicrotask)(Ia);
}
function Ia() {
  try {
    for (var e, t = 1; Xt.length; ) Xt.length > t && Xt.sort(La), e = Xt.shift(), t = Xt.length, 8 & e.__g && Fu(e);
  } finally {
    (rr = Xt.length) && (_s || queueMicrotask)(Ia);
  }
}
function Da(e, t, n, l, r, s, i, o, u, a, f) {
  var p, _, m, y, N, S, M = l.__k || ir, v = t.length;
  for (u = zu(n, t, M, u, v), p = 0; p < v; p++) (m = n.__k[p]) != null && (_ = ~m.__i && M[m.__i] || sr, m.__i = p, S = Vs(e, m, _, r, s, i, o, u, a, f), y = m.__e, (_.ref != m.ref || 8 & _.__u) && (_.ref && Hs(_.ref, null, m, _), m.ref && f.push(m.ref, m.__c || y, m)), N = N || y, 4 & m.__u ? (u = Ra(m, u, e, !_.__v), _.__e && (_.__e = null)) : typeof m.type == "function" && S !== void 0 ? u = S : y && (u = y.nextSibling), m.__u &= -21);
  return n.__e = N, u;
}
function zu(e, t, n, l, r) {
  var s, i, o, u, a, f, p, _, m, y = n.length, N = y, S = 0, M = 0, v = e.__k = Array(r);
  for (s = 0; s < r; s++) (i = t[s]) != null && typeof i != "boolean" && typeof i != "function" ? (typeof i != "object" || i.constructor === String ? i = v[s] = Tl(null, i) : Fs(i) ? i = v[s] = Tl(Ft, { children: i }) : i.constructor === mr && i.__b ? i = v[s] = Tl(i.type, i.props, i.key, i.ref, i.__v) : v[s] = i, u = s + S, i.__ = e, i.__b = e.__b + 1, o = null, ~(a = i.__i = Vu(i, n, u, N)) && (N--, (o = n[a]) && (o.__u |= 2)), o && o.__v ? (i.__u |= 16, a == u - 1 ? S-- : a == u + 1 ? S++ : a != u && (a > u ? S-- : S++, M = 1)) : (~a || (r > y ? S-- : r < y && S++), typeof i.type != "function" && (i.__u |= 4))) : v[s] = null;
  if (M) {
    for (f = [], p = [], s = 0; s < r; s++) if ((i = v[s]) && 16 & i.__u) {
      for (S = 0, _ = f.length; S < _; ) f[m = S + _ >> 1] < i.__i ? S = m + 1 : _ = m;
      f[S] = i.__i, p[s] = S + 1;
    }
    for (S = f.length; s--; ) p[s] && (p[s] == S ? S-- : v[s].__u |= 4);
  }
  if (N) for (s = 0; s < y; s++) !(o = n[s]) || 2 & o.__u || (o.__e == l && (l = nn(o)), Ws(o, o));
  return l;
}
function Ra(e, t, n, l) {
  var r, s, i, o;
  if (typeof e.type == "function") {
    if (e.props.__P) return t;
    if (r = e.__k) for (s = 0; s < r.length; s++) r[s] && (r[s].__ = e, t = Ra(r[s], t, n, !1));
    return t;
  }
  for (t && !t.parentNode && (t = nn(e)) && !t.parentNode && (t = null), i = e.__e, o = t; o && o.nodeType == 8; ) o = o.nextSibling;
  for (i != o && (!l && n.moveBefore && i.parentNode ? n.moveBefore(i, t) : n.insertBefore(i, t || null)), t = i; (t = t && t.nextSibling) && t.nodeType == 8 && !t.data.startsWith("$s"); ) ;
  return t;
}
function Vu(e, t, n, l) {
  var r, s = e.key, i = e.type, o = t[n], u = o && !(2 & o.__u);
  if (o === null && s == null || u && s == o.key && i == o.type) return n;
  if (l > (u ? 1 : 0)) {
    for (r = n - 1; r >= 0; r--) if ((o = t[r]) && !(2 & o.__u) && s == o.key && i == o.type) return r;
    for (r = n + 1; r < t.length; r++) if ((o = t[r]) && !(2 & o.__u) && s == o.key && i == o.type) return r;
  }
  return -1;
}
function Gi(e, t, n) {
  n == null && (n = ""), t[0] == "-" ? e.setProperty(t, n) : e[t] = n;
}
function Kl(e, t, n, l, r) {
  var s, i;
  if (t == "style") if (typeof n == "string") e.style.cssText = n;
  else {
    if (typeof l == "string" && (e.style.cssText = l = ""), l) for (t in l) n && t in n || Gi(e.style, t);
    if (n) for (t in n) l && n[t] == l[t] || Gi(e.style, t, n[t]);
  }
  else if (t[0] == "o" && t[1] == "n") typeof n != "function" && (n = null), typeof l != "function" && (l = null), (e.__e || (e.__e = {}))[t] = n, n && l || (i = ws[t] || (ws[t] = Hu(t)), (e.__a || (e.__a = {}))[t] = js, s = t != (t = t.replace(Pa, "$1")), (t = t.slice(2))[0] < "a" && (t = t.toLowerCase()), n ? e.addEventListener(t, i, s) : e.removeEventListener(t, i, s));
  else {
    if (r == "http://www.w3.org/2000/svg") t = t.replace(/xlink(H|:h)/, "h").replace(/sName$/, "s");
    else if (t != "width" && t != "height" && t != "href" && t != "list" && t != "form" && t != "tabIndex" && t != "download" && t != "rowSpan" && t != "colSpan" && t != "role" && t != "popover" && t in e) try {
      return void (e[t] = n ?? "");
    } catch {
    }
    if (typeof n == "function") return;
    n == null || n === !1 && t[4] != "-" ? e.removeAttribute(t) : e.setAttribute(t, t == "popover" && n == 1 ? "" : n);
  }
}
function Hu(e) {
  return function(t) {
    var n = this.__e;
    if (n) {
      if (n = n[e], t[er] == null) t[er] = js++;
      else if (t[er] < this.__a[e]) return;
      return n(he.event ? he.event(t) : t);
    }
  };
}
function Vs(e, t, n, l, r, s, i, o, u, a) {
  var f, p, _, m, y, N, S, M, v, x, k, P, $, B, I, q, V, O, R = t.type;
  if (t.constructor !== mr) return null;
  128 & n.__u && (u = 32 & n.__u, f = n.__c.__z) && (t.__u |= u, p = s = [], f.nodeType == 8 ? o = tr(f, s) : s.push(f), o = s[0] || o), (f = he.__b) && f(t);
  e: if (typeof R == "function") {
    _ = i.length;
    try {
      if (M = t.props, v = (f = R.prototype) && f.render, x = (f = R.contextType) && l[f.__c], k = f ? x ? x.props.value : f.__ : l, (m = n.__c) ? (t.__c = m, 2 & m.__g && (m.__g |= 1)) : (v ? t.__c = m = new R(M, k) : (t.__c = m = new tn(M, k), m.constructor = R, m.render = qu), x && x.sub(m), m.state || (m.state = {}), m.__n = l, m.__g |= 8, m.__h = [], m.__k = []), v && (m.__s || (m.__s = m.state), R.getDerivedStateFromProps && (m.__s == m.state && (m.__s = bn({}, m.__s)), bn(m.__s, R.getDerivedStateFromProps(M, m.__s)))), y = m.props, N = m.state, m.__v = t, n.__c) {
        if (M !== y && v && !R.getDerivedStateFromProps && m.componentWillReceiveProps && m.componentWillReceiveProps(M, k), t.__v == n.__v && !(8 & m.__g) || !(4 & m.__g) && m.shouldComponentUpdate && m.shouldComponentUpdate(M, m.__s, k) === !1) {
          t.__v != n.__v && (m.props = M, m.state = m.__s, m.__g &= -9), t.__e = n.__e, t.__k = n.__k, t.__k.some(function(L) {
            L && (L.__ = t);
          }), ir.push.apply(m.__h, m.__k), m.__k = [], m.__h.length && i.push(m), o = nn(n);
          break e;
        }
        m.componentWillUpdate && m.componentWillUpdate(M, m.__s, k), v && m.componentDidUpdate && m.__h.push(function() {
          m.componentDidUpdate(y, N, S);
        });
      } else v && !R.getDerivedStateFromProps && m.componentWillMount && m.componentWillMount(), v && m.componentDidMount && m.__h.push(m.componentDidMount);
      m.context = k, m.props = M, m.__P = e, m.__g &= -5, P = he.__r, $ = v ? 25 : 0;
      do
        m.__g &= -9, P && P(t), f = m.render(m.props, m.state = m.__s, m.context);
      while (8 & m.__g && ++$ < 25);
      v && (ir.push.apply(m.__h, m.__k), m.__k = []), m.state = m.__s, m.getChildContext && (l = bn({}, l, m.getChildContext())), v && n.__c && m.getSnapshotBeforeUpdate && (S = m.getSnapshotBeforeUpdate(y, N)), B = f && f.type === Ft && f.key == null ? f.props.children : f, M.__P && (f = o, r = (e = M.__P).namespaceURI, u = s = null, n.props && n.props.__P != e && (n.__k.some(function(L) {
        L && Ws(L, L);
      }), n.__k = null), o = n.__k ? nn(n, 0) : null), o = Da(e, Fs(B) ? B : [B], t, n, l, r, s, i, o, u, a), M.__P && (t.__e = null, o = f), t.__u &= -161, p && p.some(vn), m.__h.length && i.push(m), 1 & m.__g && (m.__g &= -4);
    } catch (L) {
      if (i.length = _, t.__v = null, u || s) if (L && L.then) {
        if (t.__u |= 128 | u, s) {
          for (~(V = s.indexOf(o || void 0)) || (V = s.length); (O = s[V - 1]) && O.nodeType == 8; ) V--;
          for (; V < s.length; V++) if (O = s[V]) if (s[V] = null, I) {
            if (O == q) break;
          } else {
            if (O.nodeType != 8) break;
            O.data.startsWith("$s") && (q = tr(I = O));
          }
        }
        if (!I) {
          for (; o && o.nodeType == 8 && o.nextSibling; ) o = o.nextSibling;
          I = o;
        }
        (f = tr(I = t.__c.__z || (t.__c.__z = I))) ? (t.__e = I, o = f) : t.__e = o, o = o && o.nextSibling;
      } else s && s.some(vn);
      else t.__e = n.__e;
      t.__k || (t.__k = n.__k || []), L && L.then || ja(t), he.__e(L, t, n);
    }
  } else o = t.__e = Wu(n.__e, t, n, l, r, s, i, u, a, e);
  return (f = he.diffed) && f(t), o;
}
function tr(e, t) {
  if (e && e.nodeType == 8 && e.data.startsWith("$s")) for (var n = 1; e = e.nextSibling; ) {
    if (e.nodeType == 8) {
      if (e.data.startsWith("$s")) n++;
      else if (e.data.startsWith("/$s") && !--n) return e;
    }
    t && t.push(e);
  }
}
function ja(e) {
  e && (e.__c && (e.__c.__g |= 4), e.__k && e.__k.some(ja));
}
function Fa(e, t, n) {
  for (var l = 0; l < n.length; ) Hs(n[l++], n[l++], n[l++]);
  he.__c && he.__c(t, e), e.some(function(r) {
    try {
      e = r.__h, r.__h = [], e.some(function(s) {
        s.call(r);
      });
    } catch (s) {
      he.__e(s, r.__v);
    }
  });
}
function Wu(e, t, n, l, r, s, i, o, u, a) {
  var f, p, _, m, y, N, S, M, v = n.props || sr, x = t.props, k = t.type;
  if (k == "svg" ? r = "http://www.w3.org/2000/svg" : k == "math" ? r = "http://www.w3.org/1998/Math/MathML" : r || (r = "http://www.w3.org/1999/xhtml"), s) {
    for (f = 0; f < s.length; f++) if ((y = s[f]) && (k ? y.localName == k : y.nodeType == 3)) {
      e = y, s[f] = null;
      break;
    }
  }
  if (!e) {
    if (M = a.ownerDocument || document, !k) return M.createTextNode(x);
    e = M.createElementNS(r, k, x.is ? x : a), o && (he.__m && he.__m(t, s), o = !1), s = null;
  }
  if (k) {
    if (a = k == "template" && e.content || e, s = k == "textarea" && x.defaultValue != null ? null : s && zs.call(a.childNodes), !o && s) for (v = {}, f = 0; f < e.attributes.length; f++) v[(y = e.attributes[f]).name] = y.value;
    for (f in v) y = v[f], f == "dangerouslySetInnerHTML" ? _ = y : f == "children" || f in x || f == "value" && "defaultValue" in x || f == "checked" && "defaultChecked" in x || Kl(e, f, null, y, r);
    for (f in x) y = x[f], f == "children" ? m = y : f == "dangerouslySetInnerHTML" ? p = y : f == "value" ? N = y : f == "checked" ? S = y : o && typeof y != "function" || v[f] === y || Kl(e, f, y, v[f], r);
    p ? (o || _ && (p.__html == _.__html || p.__html == e.innerHTML) || (e.innerHTML = p.__html), t.__k = []) : (_ && (e.textContent = ""), (k == "foreignObject" || r == "http://www.w3.org/1998/Math/MathML" && Ru.test(k)) && (r = "http://www.w3.org/1999/xhtml"), Da(a, Fs(m) ? m : [m], t, n, l, r, s, i, s ? s[0] : n.__k && nn(n, 0), o, u), s && s.some(vn)), o && k != "textarea" || (f = "value", k == "progress" && N == null ? e.removeAttribute(f) : N == null || N === e[f] && (k != "progress" || N) || Kl(e, f, N, v[f], r), f = "checked", S != null && S != e[f] && Kl(e, f, S, v[f], r));
  } else v === x || o && e.data == x || (e.data = x);
  return e;
}
function Hs(e, t, n, l) {
  try {
    typeof e == "function" ? t ? t.__x = e(t) || 1 : l && (l = l.__c || l.__e) && (t = l.__x) && (l.__x = null, typeof t == "function" ? t() : e(null)) : e.current = t;
  } catch (r) {
    he.__e(r, n);
  }
}
function Ws(e, t, n) {
  var l, r, s, i;
  if (he.unmount && he.unmount(e), !(l = e.ref) || l.current && l.current != e.__e || Hs(l, null, t, e), l = e.__c) {
    if (l.componentWillUnmount) try {
      l.componentWillUnmount();
    } catch (o) {
      he.__e(o, t);
    }
    l.__P = l.__n = null;
  }
  if (l = e.__k) for (i = 0; i < l.length; i++) l[i] && Ws(l[i], t, typeof e.type != "function" || n && !e.props.__P);
  !n && (l = e.__c) && (l = l.__z) && (r = tr(l, s = [])) && (l == e.__e && s.some(vn), vn(r), vn(l)), n || vn(e.__e), e.__e = e.__c = e.__ = null;
}
function qu(e, t, n) {
  return this.constructor(e, n);
}
function Ui(e, t) {
  var n, l, r, s;
  he.__ && he.__(e, t), t.nodeType == 9 && (t = t.documentElement), l = (n = e && 32 & e.__u) ? null : t.__k, t.__k = Tl(Ft, { children: [e] }), r = [], s = [], Vs(t, t.__k, l || sr, sr, t.namespaceURI, l ? null : t.firstChild ? zs.call(t.childNodes) : null, r, l ? l.__e : t.firstChild, n, s), Fa(r, t.__k, s), t.__k.props.children = null;
}
he = { __e: function(e, t, n, l) {
  for (var r, s, i; t = t.__; ) if ((r = t.__c) && !(1 & r.__g)) {
    r.__g |= 4;
    try {
      if ((i = (s = r.constructor) && s.getDerivedStateFromError) && r.setState(s.getDerivedStateFromError(e)), r.componentDidCatch && (r.componentDidCatch(e, l || {}), i = 1), i && 8 & r.__g) return void (r.__g |= 2);
    } catch (o) {
      e = o;
    }
  }
  throw rr = 0, e;
} }, Ca = 0, tn.prototype.setState = function(e, t) {
  var n = this.__s;
  n && n != this.state || (n = this.__s = bn({}, this.state)), typeof e == "function" && (e = e(bn({}, n), this.props)), e && (bn(n, e), this.__v && (t && this.__k.push(t), Bi(this)));
}, tn.prototype.forceUpdate = function(e) {
  this.__v && (this.__g |= 4, e && this.__h.push(e), Bi(this));
}, tn.prototype.render = Ft, Xt = [], rr = 0, La = function(e, t) {
  return e.__v.__b - t.__v.__b;
}, er = Symbol(), Pa = /(PointerCapture)$|Capture$/i, js = 0, ws = {};
const Bu = {
  node: "node_details",
  apply: "applied",
  undo: "applied",
  logs: "log_rows",
  history: "history_points",
  rows: "request_rows",
  trace: "trace_found",
  replay: "replayed"
};
class Qn extends Error {
}
const Gu = 500;
let Uu = Math.floor(Math.random() * 2 ** 20) * 2 ** 20;
class Yu {
  constructor(t) {
    this.send = t;
  }
  #e = /* @__PURE__ */ new Map();
  get size() {
    return this.#e.size;
  }
  /** Sends a question; `onWaiting` is called if no reply came in `WAITING_AFTER_MS`. */
  ask(t, n) {
    const l = ++Uu, r = t.kind;
    return new Promise((s, i) => {
      const o = setTimeout(() => n?.(), Gu);
      this.#e.set(l, { kind: r, resolve: s, reject: i, timer: o }), this.send({ ...t, id: l });
    });
  }
  /** Settles the ask that `reply` answers; one that is not of this view is left alone. */
  settle(t) {
    const n = this.#t(t.id);
    if (!n) return;
    if (t.error) return n.reject(new Qn(t.error));
    if (t.answer?.kind === Bu[n.kind]) return n.resolve(t.answer);
    const l = t.answer?.kind ?? "nothing";
    n.reject(new Qn(`The kernel answered "${n.kind}" with "${l}": restart it, its version is another.`));
  }
  /** Fails all of them. */
  failAll(t) {
    for (const n of [...this.#e.keys()]) this.#t(n)?.reject(new Qn(t));
  }
  #t(t) {
    const n = this.#e.get(t);
    return n && clearTimeout(n.timer), this.#e.delete(t), n;
  }
}
function Ku(e, t) {
  let n = typeof IntersectionObserver > "u", l;
  const r = () => {
    const i = n && !document.hidden;
    i !== l && (l = i, t(i));
  }, s = n ? void 0 : new IntersectionObserver((i) => {
    n = i.at(-1)?.isIntersecting ?? n, r();
  });
  return s?.observe(e), document.addEventListener("visibilitychange", r), s || r(), () => {
    s?.disconnect(), document.removeEventListener("visibilitychange", r);
  };
}
const Yi = 1e4, Ju = 1e3, bl = "The kernel cannot be reached. When it is back, run the cell again.", Zu = /* @__PURE__ */ new Set(["graph", "dashboard", "requests"]);
class Qu {
  constructor(t, n, l) {
    this.model = t, this.onChange = l, this.#n = Ki(t), this.#r = this.#n !== null && Date.now() - this.#n.time * 1e3 > Yi, this.#l = t.comm_live === !1, this.#i("change:frame", () => this.#d()), this.#i("msg:custom", (s) => this.#f(s)), this.#i("comm:close", () => this.#u(!0)), this.#i("comm_live_update", () => this.#u(t.comm_live !== !0)), this.#t.push(Ku(n, (s) => this.#h(s)));
    const r = setInterval(() => this.#p(), Ju);
    this.#t.push(() => clearInterval(r));
  }
  id = Math.random().toString(36).slice(2, 12);
  #e = new Yu((t) => this.#c(t));
  #t = [];
  #n;
  #o = !1;
  #l = !1;
  /** When a frame came, an ask was sent or the view came onto the screen, whichever was last. */
  #s = Date.now();
  #r;
  #a = !1;
  get shown() {
    return { frame: this.#n, lostSince: this.#g(), visible: this.#o };
  }
  /** Asks the kernel; rejects with an `AskError` whose message is for people. */
  ask(t, n) {
    if (this.#a || this.#l) return Promise.reject(new Qn(bl));
    this.#r && (this.#s = Date.now());
    const l = this.#e.ask(t, n);
    return this.#l && this.#e.failAll(bl), l;
  }
  /** Takes a custom message of the model; what is not a reply is left alone. */
  #f(t) {
    Xu(t) && this.#e.settle(t);
  }
  close() {
    if (!this.#a) {
      this.#a = !0;
      for (const t of this.#t.splice(0)) t();
      this.#e.failAll(bl), this.#c({ kind: "seen", view: this.id, on: !1, closed: !0 });
    }
  }
  #c(t) {
    if (!this.#l)
      try {
        this.model.send(t);
      } catch {
        this.#l = !0;
      }
  }
  #i(t, n) {
    this.model.on(t, n), this.#t.push(() => this.model.off(t, n));
  }
  #d() {
    this.#n = Ki(this.model), this.#s = Date.now(), this.#r = !1, this.#l = !1, this.onChange();
  }
  #h(t) {
    this.#o = t, this.#s = Date.now(), this.#c({ kind: "seen", view: this.id, on: t }), this.onChange();
  }
  #u(t) {
    this.#l = t, t && this.#e.failAll(bl), this.onChange();
  }
  #p() {
    !(this.#o && this.#n !== null && !this.#n.gone && this.#n.lost_since === null) || Date.now() - this.#s <= Yi || (this.#e.failAll(bl), !this.#r && (this.#r = !0, this.onChange()));
  }
  #g() {
    return this.#n ? this.#n.lost_since ?? (this.#l || this.#r ? this.#n.time : null) : null;
  }
}
function Ki(e) {
  const t = e.get("frame");
  return t && Zu.has(t.kind) ? t : null;
}
function Xu(e) {
  return typeof e == "object" && e !== null && e.kind === "reply";
}
var ef = Symbol.for("pv"), tf = 0;
function h(e, t, n, l, r, s) {
  t || (t = {});
  var i, o, u = t;
  if ("ref" in u && typeof e != "function") for (o in u = {}, t) o == "ref" ? i = t[o] : u[o] = t[o];
  var a = { type: e, props: u, key: n, ref: i, __k: null, __: null, __b: 0, __e: null, __c: null, constructor: ef, __v: --tf, __i: -1, __u: 0 };
  return he.vnode && he.vnode(a), a;
}
var kn, Te, Qr, Ji, vs = Object.is, Ll = 0, za = [], bs = [], Me = he, Zi = Me.__b, Qi = Me.__r, Xi = Me.diffed, eo = Me.__c, to = Me.unmount, no = Me.__;
function jl(e, t) {
  Me.__h && Me.__h(Te, e, Ll || t), Ll = 0;
  var n = Te.__H || (Te.__H = { __: [], __h: [] });
  return e >= n.__.length && n.__.push({}), n.__[e];
}
function xe(e) {
  return Ll = 1, nf(Va, e);
}
function nf(e, t, n) {
  var l = jl(kn++, 2);
  if (l.t = e, !l.__c && (l.__ = [Va(void 0, t), function(s) {
    var i = (l.__N || l.__)[0], o = l.t(i, s);
    vs(i, o) || (l.__N = [o, l.__[1]], l.__c.setState({}));
  }], l.__c = Te, !Te.__f)) {
    Te.__f = !0;
    var r = Te.shouldComponentUpdate;
    Te.shouldComponentUpdate = function(s, i, o) {
      var u = this.__H;
      if (!u) return !0;
      var a = !1, f = this.props != s;
      if (u.__.some(function(_) {
        _.__N && (a = !0, vs(_.__[0], _.__N[0]) || (f = !0));
      }), r) {
        var p = r.call(this, s, i, o);
        return a ? p || f : p;
      }
      return !a || f;
    };
  }
  return l.__;
}
function jt(e, t) {
  var n = jl(kn++, 3);
  !Me.__s && Bs(n.__H, t) && (n.__P = !0, n.__ = e, n.u = t, Te.__H.__h.push(n));
}
function qs(e, t) {
  var n = jl(kn++, 4);
  !Me.__s && Bs(n.__H, t) && (n.__P = !1, n.__ = e, n.u = t, Te.__h.push(n));
}
function pe(e) {
  return Ll = 5, Rt(function() {
    return { current: e };
  }, []);
}
function Rt(e, t) {
  var n = jl(kn++, 7);
  return Bs(n.__H, t) && (n.__ = e(), n.__H = t), n.__;
}
function En(e, t) {
  return Ll = 8, Rt(function() {
    return e;
  }, t);
}
function _r() {
  var e = jl(kn++, 11);
  if (!e.__) {
    for (var t = Te.__v; !t.__m && t.__; ) t = t.__;
    var n = t.__m || (t.__m = [0, 0]);
    e.__ = "P" + n[0] + "-" + n[1]++;
  }
  return e.__;
}
function lf() {
  var e;
  do {
    for (; e = bs.shift(); ) try {
      Ol(e);
    } catch (n) {
      Me.__e(n, { __: (e = e.__P) && e.__v });
    }
    for (; e = za.shift(); ) {
      var t = e.__H;
      if (e.__P && t) try {
        t.__h.some(Ol), t.__h.some(ys), t.__h = [];
      } catch (n) {
        t.__h = [], Me.__e(n, e.__v);
      }
    }
  } while (bs.length);
}
Me.__b = function(e) {
  Te = null, Zi && Zi(e);
}, Me.__ = function(e, t) {
  e && t.__k && t.__k.__m && (e.__m = t.__k.__m), no && no(e, t);
}, Me.__r = function(e) {
  Qi && Qi(e), kn = 0;
  var t = (Te = e.__c).__H;
  t && (Qr == Te ? Te.__h = [] : (t.__h.some(Ol), t.__h.some(ys), kn = 0), t.__h = [], t.__.some(function(n) {
    n.__N && (n.__ = n.__N), n.u = n.__N = void 0;
  })), Qr = Te;
}, Me.diffed = function(e) {
  Xi && Xi(e);
  var t = e.__c;
  t && t.__H && (t.__H.__h.length && ro(za.push(t)), t.__H.__.some(function(n) {
    n.u && (n.__H = n.u);
  })), Qr = Te = null;
}, Me.__c = function(e, t) {
  t.some(function(n) {
    try {
      n.__h.some(Ol), n.__h = n.__h.filter(function(l) {
        return !l.__ || ys(l);
      });
    } catch (l) {
      n.__h = [function() {
        throw l;
      }];
    }
  }), eo && eo(e, t);
}, Me.unmount = function(e) {
  to && to(e);
  var t, n, l = e.__c;
  l && l.__H && (l.__H.__.some(function(r) {
    try {
      if (r.__P && r.__c) {
        if (n === void 0) {
          for (n = e.__; n && (!n.__c || !n.__c.__P); ) n = n.__;
          n = n && n.__c;
        }
        r.__P = n, ro(bs.push(r));
      } else Ol(r);
    } catch (s) {
      t = s;
    }
  }), l.__H = void 0, t && Me.__e(t, l.__v));
};
var lo = typeof requestAnimationFrame == "function";
function rf(e) {
  var t, n = function() {
    clearTimeout(l), lo && cancelAnimationFrame(t), setTimeout(e);
  }, l = setTimeout(n, 35);
  lo && (t = requestAnimationFrame(n));
}
function ro(e) {
  e != 1 && Ji == Me.requestAnimationFrame || ((Ji = Me.requestAnimationFrame) || rf)(lf);
}
function Ol(e) {
  var t = Te, n = e.__c;
  typeof n == "function" && (e.__c = void 0, n()), Te = t;
}
function ys(e) {
  var t = Te;
  e.__c = e.__(), Te = t;
}
function Bs(e, t) {
  return !e || e.length != t.length || t.some(function(n, l) {
    return !vs(n, e[l]);
  });
}
function Va(e, t) {
  return typeof t == "function" ? t(e) : t;
}
function ct({ children: e }) {
  return /* @__PURE__ */ h("p", { class: "ks-empty", children: e });
}
function zt({ children: e }) {
  return /* @__PURE__ */ h("div", { class: "ks-problem", role: "alert", children: [
    /* @__PURE__ */ h("span", { "aria-hidden": "true", children: "▲ " }),
    e
  ] });
}
function Zn({ tone: e = "plain", title: t, children: n }) {
  return /* @__PURE__ */ h("span", { class: `ks-badge ks-tone-${e}`, title: t, children: n });
}
function sf({ on: e, label: t, onChange: n }) {
  return /* @__PURE__ */ h("button", { type: "button", class: "ks-button", "aria-pressed": e, onClick: () => n(!e), children: t });
}
function Gs({ paused: e, onChange: t }) {
  return /* @__PURE__ */ h("button", { type: "button", class: "ks-button", "aria-pressed": e, onClick: () => t(!e), children: [
    /* @__PURE__ */ h("span", { "aria-hidden": "true", children: e ? "▶ " : "❚❚ " }),
    e ? "Resume" : "Pause"
  ] });
}
function of({ url: e }) {
  return /^https?:\/\//i.test(e) ? /* @__PURE__ */ h("a", { href: e, target: "_blank", rel: "noopener noreferrer", title: e, children: e }) : /* @__PURE__ */ h("span", { children: e });
}
function Nn(e) {
  const [t, n] = xe({ stage: "idle", answer: null, error: "" }), l = pe(0);
  jt(() => () => void (l.current = -1), []);
  const r = En(async (i) => {
    const o = ++l.current, u = (a) => {
      l.current === o && n((f) => ({ ...f, ...a }));
    };
    u({ stage: "sent", error: "" });
    try {
      const a = await e.ask(i, () => u({ stage: "waiting" }));
      return u({ stage: "done", answer: a }), l.current === o ? a : null;
    } catch (a) {
      if (!(a instanceof Qn)) throw a;
      return u({ stage: "refused", error: a.message }), null;
    }
  }, [e]), s = En(() => {
    l.current += 1, n({ stage: "idle", answer: null, error: "" });
  }, []);
  return [t, r, s];
}
function af(e, t) {
  const n = pe({ key: e, at: Date.now() });
  n.current.key !== e && (n.current = { key: e, at: Date.now() });
  const [, l] = xe(0);
  return jt(() => {
    const r = setInterval(() => l((s) => s + 1), 500);
    return () => clearInterval(r);
  }, [t]), (Date.now() - n.current.at) / 1e3;
}
function Ha() {
  const [e, t] = xe(null), n = pe(() => {
  });
  return [En((r) => {
    if (n.current(), n.current = () => {
    }, !r || typeof ResizeObserver > "u") return;
    const s = new ResizeObserver((i) => {
      const o = i.at(-1)?.contentRect.width;
      o && t(Math.round(o));
    });
    s.observe(r), n.current = () => s.disconnect();
  }, []), e];
}
const cf = !0, Ie = "u-", uf = "uplot", ff = Ie + "hz", df = Ie + "vt", hf = Ie + "title", pf = Ie + "wrap", gf = Ie + "under", mf = Ie + "over", _f = Ie + "axis", wn = Ie + "off", wf = Ie + "select", vf = Ie + "cursor-x", bf = Ie + "cursor-y", yf = Ie + "cursor-pt", kf = Ie + "legend", Ef = Ie + "live", xf = Ie + "inline", Sf = Ie + "series", Nf = Ie + "marker", so = Ie + "label", Mf = Ie + "value", xl = "width", Sl = "height", yl = "top", io = "bottom", Yn = "left", Xr = "right", Us = "#000", oo = Us + "0", es = "mousemove", ao = "mousedown", ts = "mouseup", co = "mouseenter", uo = "mouseleave", fo = "dblclick", Tf = "resize", Of = "scroll", ho = "change", or = "dppxchange", Ys = "--", al = typeof window < "u", ks = al ? document : null, Xn = al ? window : null, $f = al ? navigator : null;
let ie, Jl;
function Es() {
  let e = devicePixelRatio;
  ie != e && (ie = e, Jl && Ss(ho, Jl, Es), Jl = matchMedia(`(min-resolution: ${ie - 1e-3}dppx) and (max-resolution: ${ie + 1e-3}dppx)`), yn(ho, Jl, Es), Xn.dispatchEvent(new CustomEvent(or)));
}
function ot(e, t) {
  if (t != null) {
    let n = e.classList;
    !n.contains(t) && n.add(t);
  }
}
function xs(e, t) {
  let n = e.classList;
  n.contains(t) && n.remove(t);
}
function ve(e, t, n) {
  e.style[t] = n + "px";
}
function xt(e, t, n, l) {
  let r = ks.createElement(e);
  return t != null && ot(r, t), n?.insertBefore(r, l), r;
}
function _t(e, t) {
  return xt("div", e, t);
}
const po = /* @__PURE__ */ new WeakMap();
function It(e, t, n, l, r) {
  let s = "translate(" + t + "px," + n + "px)", i = po.get(e);
  s != i && (e.style.transform = s, po.set(e, s), t < 0 || n < 0 || t > l || n > r ? ot(e, wn) : xs(e, wn));
}
const go = /* @__PURE__ */ new WeakMap();
function mo(e, t, n) {
  let l = t + n, r = go.get(e);
  l != r && (go.set(e, l), e.style.background = t, e.style.borderColor = n);
}
const _o = /* @__PURE__ */ new WeakMap();
function wo(e, t, n, l) {
  let r = t + "" + n, s = _o.get(e);
  r != s && (_o.set(e, r), e.style.height = n + "px", e.style.width = t + "px", e.style.marginLeft = l ? -t / 2 + "px" : 0, e.style.marginTop = l ? -n / 2 + "px" : 0);
}
const Ks = { passive: !0 }, Cf = { ...Ks, capture: !0 };
function yn(e, t, n, l) {
  t.addEventListener(e, n, l ? Cf : Ks);
}
function Ss(e, t, n, l) {
  t.removeEventListener(e, n, Ks);
}
al && Es();
function St(e, t, n, l) {
  let r;
  n = n || 0, l = l || t.length - 1;
  let s = l <= 2147483647;
  for (; l - n > 1; )
    r = s ? n + l >> 1 : at((n + l) / 2), t[r] < e ? n = r : l = r;
  return e - t[n] <= t[l] - e ? n : l;
}
function Wa(e) {
  return (n, l, r) => {
    let s = -1, i = -1;
    for (let o = l; o <= r; o++)
      if (e(n[o])) {
        s = o;
        break;
      }
    for (let o = r; o >= l; o--)
      if (e(n[o])) {
        i = o;
        break;
      }
    return [s, i];
  };
}
const qa = (e) => e != null, Ba = (e) => e != null && e > 0, wr = Wa(qa), Lf = Wa(Ba);
function Pf(e, t, n, l = 0, r = !1) {
  let s = r ? Lf : wr, i = r ? Ba : qa;
  [t, n] = s(e, t, n);
  let o = e[t], u = e[t];
  if (t > -1)
    if (l == 1)
      o = e[t], u = e[n];
    else if (l == -1)
      o = e[n], u = e[t];
    else
      for (let a = t; a <= n; a++) {
        let f = e[a];
        i(f) && (f < o ? o = f : f > u && (u = f));
      }
  return [o ?? fe, u ?? -fe];
}
function vr(e, t, n, l) {
  let r = yo(e), s = yo(t);
  e == t && (r == -1 ? (e *= n, t /= n) : (e /= n, t *= n));
  let i = n == 10 ? qt : Ga, o = r == 1 ? at : wt, u = s == 1 ? wt : at, a = o(i(Ae(e))), f = u(i(Ae(t))), p = nl(n, a), _ = nl(n, f);
  return n == 10 && (a < 0 && (p = de(p, -a)), f < 0 && (_ = de(_, -f))), l || n == 2 ? (e = p * r, t = _ * s) : (e = Ja(e, p), t = br(t, _)), [e, t];
}
function Js(e, t, n, l) {
  let r = vr(e, t, n, l);
  return e == 0 && (r[0] = 0), t == 0 && (r[1] = 0), r;
}
const Zs = 0.1, vo = {
  mode: 3,
  pad: Zs
}, $l = {
  pad: 0,
  soft: null,
  mode: 0
}, Af = {
  min: $l,
  max: $l
};
function ar(e, t, n, l) {
  return yr(n) ? bo(e, t, n) : ($l.pad = n, $l.soft = l ? 0 : null, $l.mode = l ? 3 : 0, bo(e, t, Af));
}
function re(e, t) {
  return e ?? t;
}
function If(e, t, n) {
  for (t = re(t, 0), n = re(n, e.length - 1); t <= n; ) {
    if (e[t] != null)
      return !0;
    t++;
  }
  return !1;
}
function bo(e, t, n) {
  let l = n.min, r = n.max, s = re(l.pad, 0), i = re(r.pad, 0), o = re(l.hard, -fe), u = re(r.hard, fe), a = re(l.soft, fe), f = re(r.soft, -fe), p = re(l.mode, 0), _ = re(r.mode, 0), m = t - e, y = qt(m), N = Ze(Ae(e), Ae(t)), S = qt(N), M = Ae(S - y);
  (m < 1e-24 || M > 10) && (m = 0, (e == 0 || t == 0) && (m = 1e-24, p == 2 && a != fe && (s = 0), _ == 2 && f != -fe && (i = 0)));
  let v = m || N || 1e3, x = qt(v), k = nl(10, at(x)), P = v * (m == 0 ? e == 0 ? 0.1 : 1 : s), $ = de(Ja(e - P, k / 10), 24), B = e >= a && (p == 1 || p == 3 && $ <= a || p == 2 && $ >= a) ? a : fe, I = Ze(o, $ < B && e >= B ? B : Nt(B, $)), q = v * (m == 0 ? t == 0 ? 0.1 : 1 : i), V = de(br(t + q, k / 10), 24), O = t <= f && (_ == 1 || _ == 3 && V >= f || _ == 2 && V <= f) ? f : -fe, R = Nt(u, V > O && t <= O ? O : Ze(O, V));
  return I == R && I == 0 && (R = 100), [I, R];
}
const Df = new Intl.NumberFormat(al ? $f.language : "en-US"), Qs = (e) => Df.format(e), ut = Math, nr = ut.PI, Ae = ut.abs, at = ut.floor, Pe = ut.round, wt = ut.ceil, Nt = ut.min, Ze = ut.max, nl = ut.pow, yo = ut.sign, qt = ut.log10, Ga = ut.log2, Rf = (e, t = 1) => ut.sinh(e) * t, ns = (e, t = 1) => ut.asinh(e / t), fe = 1 / 0;
function ko(e) {
  return (qt((e ^ e >> 31) - (e >> 31)) | 0) + 1;
}
function Ns(e, t, n) {
  return Nt(Ze(e, t), n);
}
function Ua(e) {
  return typeof e == "function";
}
function te(e) {
  return Ua(e) ? e : () => e;
}
const jf = () => {
}, Ya = (e) => e, Ka = (e, t) => t, Ff = (e) => null, Eo = (e) => !0, xo = (e, t) => e == t, zf = /\.\d*?(?=9{6,}|0{6,})/gm, xn = (e) => {
  if (Qa(e) || ln.has(e))
    return e;
  const t = `${e}`, n = t.match(zf);
  if (n == null)
    return e;
  let l = n[0].length - 1;
  if (t.indexOf("e-") != -1) {
    let [r, s] = t.split("e");
    return +`${xn(r)}e${s}`;
  }
  return de(e, l);
};
function mn(e, t) {
  return xn(de(xn(e / t)) * t);
}
function br(e, t) {
  return xn(wt(xn(e / t)) * t);
}
function Ja(e, t) {
  return xn(at(xn(e / t)) * t);
}
function de(e, t = 0) {
  if (Qa(e))
    return e;
  let n = 10 ** t, l = e * n * (1 + Number.EPSILON);
  return Pe(l) / n;
}
const ln = /* @__PURE__ */ new Map();
function Za(e) {
  return (("" + e).split(".")[1] || "").length;
}
function Pl(e, t, n, l) {
  let r = [], s = l.map(Za);
  for (let i = t; i < n; i++) {
    let o = Ae(i), u = de(nl(e, i), o);
    for (let a = 0; a < l.length; a++) {
      let f = e == 10 ? +`${l[a]}e${i}` : l[a] * u, p = (i >= 0 ? 0 : o) + (i >= s[a] ? 0 : s[a]), _ = e == 10 ? f : de(f, p);
      r.push(_), ln.set(_, p);
    }
  }
  return r;
}
const Cl = {}, Xs = [], ll = [null, null], en = Array.isArray, Qa = Number.isInteger, Vf = (e) => e === void 0;
function So(e) {
  return typeof e == "string";
}
function yr(e) {
  let t = !1;
  if (e != null) {
    let n = e.constructor;
    t = n == null || n == Object;
  }
  return t;
}
function Hf(e) {
  return e != null && typeof e == "object";
}
const Wf = Object.getPrototypeOf(Uint8Array), Xa = "__proto__";
function rl(e, t = yr) {
  let n;
  if (en(e)) {
    let l = e.find((r) => r != null);
    if (en(l) || t(l)) {
      n = Array(e.length);
      for (let r = 0; r < e.length; r++)
        n[r] = rl(e[r], t);
    } else
      n = e.slice();
  } else if (e instanceof Wf)
    n = e.slice();
  else if (t(e)) {
    n = {};
    for (let l in e)
      l != Xa && (n[l] = rl(e[l], t));
  } else
    n = e;
  return n;
}
function $e(e) {
  let t = arguments;
  for (let n = 1; n < t.length; n++) {
    let l = t[n];
    for (let r in l)
      r != Xa && (yr(e[r]) ? $e(e[r], rl(l[r])) : e[r] = rl(l[r]));
  }
  return e;
}
const qf = 0, Bf = 1, Gf = 2;
function Uf(e, t, n) {
  for (let l = 0, r, s = -1; l < t.length; l++) {
    let i = t[l];
    if (i > s) {
      for (r = i - 1; r >= 0 && e[r] == null; )
        e[r--] = null;
      for (r = i + 1; r < n && e[r] == null; )
        e[s = r++] = null;
    }
  }
}
function Yf(e, t) {
  if (Zf(e)) {
    let i = e[0].slice();
    for (let o = 1; o < e.length; o++)
      i.push(...e[o].slice(1));
    return Qf(i[0]) || (i = Jf(i)), i;
  }
  let n = /* @__PURE__ */ new Set();
  for (let i = 0; i < e.length; i++) {
    let u = e[i][0], a = u.length;
    for (let f = 0; f < a; f++)
      n.add(u[f]);
  }
  let l = [Array.from(n).sort((i, o) => i - o)], r = l[0].length, s = /* @__PURE__ */ new Map();
  for (let i = 0; i < r; i++)
    s.set(l[0][i], i);
  for (let i = 0; i < e.length; i++) {
    let o = e[i], u = o[0];
    for (let a = 1; a < o.length; a++) {
      let f = o[a], p = Array(r).fill(void 0), _ = t ? t[i][a] : Bf, m = [];
      for (let y = 0; y < f.length; y++) {
        let N = f[y], S = s.get(u[y]);
        N === null ? _ != qf && (p[S] = N, _ == Gf && m.push(S)) : p[S] = N;
      }
      Uf(p, m, r), l.push(p);
    }
  }
  return l;
}
const Kf = typeof queueMicrotask > "u" ? (e) => Promise.resolve().then(e) : queueMicrotask;
function Jf(e) {
  let t = e[0], n = t.length, l = Array(n);
  for (let s = 0; s < l.length; s++)
    l[s] = s;
  l.sort((s, i) => t[s] - t[i]);
  let r = [];
  for (let s = 0; s < e.length; s++) {
    let i = e[s], o = Array(n);
    for (let u = 0; u < n; u++)
      o[u] = i[l[u]];
    r.push(o);
  }
  return r;
}
function Zf(e) {
  let t = e[0][0], n = t.length;
  for (let l = 1; l < e.length; l++) {
    let r = e[l][0];
    if (r.length != n)
      return !1;
    if (r != t) {
      for (let s = 0; s < n; s++)
        if (r[s] != t[s])
          return !1;
    }
  }
  return !0;
}
function Qf(e, t = 100) {
  const n = e.length;
  if (n <= 1)
    return !0;
  let l = 0, r = n - 1;
  for (; l <= r && e[l] == null; )
    l++;
  for (; r >= l && e[r] == null; )
    r--;
  if (r <= l)
    return !0;
  const s = Ze(1, at((r - l + 1) / t));
  for (let i = e[l], o = l + s; o <= r; o += s) {
    const u = e[o];
    if (u != null) {
      if (u <= i)
        return !1;
      i = u;
    }
  }
  return !0;
}
const ec = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December"
], tc = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday"
];
function nc(e) {
  return e.slice(0, 3);
}
const Xf = tc.map(nc), ed = ec.map(nc), td = {
  MMMM: ec,
  MMM: ed,
  WWWW: tc,
  WWW: Xf
};
function kl(e) {
  return (e < 10 ? "0" : "") + e;
}
function nd(e) {
  return (e < 10 ? "00" : e < 100 ? "0" : "") + e;
}
const ld = {
  // 2019
  YYYY: (e) => e.getFullYear(),
  // 19
  YY: (e) => (e.getFullYear() + "").slice(2),
  // July
  MMMM: (e, t) => t.MMMM[e.getMonth()],
  // Jul
  MMM: (e, t) => t.MMM[e.getMonth()],
  // 07
  MM: (e) => kl(e.getMonth() + 1),
  // 7
  M: (e) => e.getMonth() + 1,
  // 09
  DD: (e) => kl(e.getDate()),
  // 9
  D: (e) => e.getDate(),
  // Monday
  WWWW: (e, t) => t.WWWW[e.getDay()],
  // Mon
  WWW: (e, t) => t.WWW[e.getDay()],
  // 03
  HH: (e) => kl(e.getHours()),
  // 3
  H: (e) => e.getHours(),
  // 9 (12hr, unpadded)
  h: (e) => {
    let t = e.getHours();
    return t == 0 ? 12 : t > 12 ? t - 12 : t;
  },
  // AM
  AA: (e) => e.getHours() >= 12 ? "PM" : "AM",
  // am
  aa: (e) => e.getHours() >= 12 ? "pm" : "am",
  // a
  a: (e) => e.getHours() >= 12 ? "p" : "a",
  // 09
  mm: (e) => kl(e.getMinutes()),
  // 9
  m: (e) => e.getMinutes(),
  // 09
  ss: (e) => kl(e.getSeconds()),
  // 9
  s: (e) => e.getSeconds(),
  // 374
  fff: (e) => nd(e.getMilliseconds())
};
function ei(e, t) {
  t = t || td;
  let n = [], l = /\{([a-z]+)\}|[^{]+/gi, r;
  for (; r = l.exec(e); )
    n.push(r[0][0] == "{" ? ld[r[1]] : r[0]);
  return (s) => {
    let i = "";
    for (let o = 0; o < n.length; o++)
      i += typeof n[o] == "string" ? n[o] : n[o](s, t);
    return i;
  };
}
const rd = new Intl.DateTimeFormat().resolvedOptions().timeZone;
function sd(e, t) {
  let n;
  return t == "UTC" || t == "Etc/UTC" ? n = new Date(+e + e.getTimezoneOffset() * 6e4) : t == rd ? n = e : (n = new Date(e.toLocaleString("en-US", { timeZone: t })), n.setMilliseconds(e.getMilliseconds())), n;
}
const lc = (e) => e % 1 == 0, cr = [1, 2, 2.5, 5], id = Pl(10, -32, 0, cr), rc = Pl(10, 0, 32, cr), od = rc.filter(lc), _n = id.concat(rc), ti = `
`, sc = "{YYYY}", No = ti + sc, ic = "{M}/{D}", Nl = ti + ic, Zl = Nl + "/{YY}", oc = "{aa}", ad = "{h}:{mm}", Jn = ad + oc, Mo = ti + Jn, To = ":{ss}", ae = null;
function ac(e) {
  let t = e * 1e3, n = t * 60, l = n * 60, r = l * 24, s = r * 30, i = r * 365, u = (e == 1 ? Pl(10, 0, 3, cr).filter(lc) : Pl(10, -3, 0, cr)).concat([
    // minute divisors (# of secs)
    t,
    t * 5,
    t * 10,
    t * 15,
    t * 30,
    // hour divisors (# of mins)
    n,
    n * 5,
    n * 10,
    n * 15,
    n * 30,
    // day divisors (# of hrs)
    l,
    l * 2,
    l * 3,
    l * 4,
    l * 6,
    l * 8,
    l * 12,
    // month divisors TODO: need more?
    r,
    r * 2,
    r * 3,
    r * 4,
    r * 5,
    r * 6,
    r * 7,
    r * 8,
    r * 9,
    r * 10,
    r * 15,
    // year divisors (# months, approx)
    s,
    s * 2,
    s * 3,
    s * 4,
    s * 6,
    // century divisors
    i,
    i * 2,
    i * 5,
    i * 10,
    i * 25,
    i * 50,
    i * 100
  ]);
  const a = [
    //   tick incr    default          year                    month   day                   hour    min       sec   mode
    [i, sc, ae, ae, ae, ae, ae, ae, 1],
    [r * 28, "{MMM}", No, ae, ae, ae, ae, ae, 1],
    [r, ic, No, ae, ae, ae, ae, ae, 1],
    [l, "{h}" + oc, Zl, ae, Nl, ae, ae, ae, 1],
    [n, Jn, Zl, ae, Nl, ae, ae, ae, 1],
    [t, To, Zl + " " + Jn, ae, Nl + " " + Jn, ae, Mo, ae, 1],
    [e, To + ".{fff}", Zl + " " + Jn, ae, Nl + " " + Jn, ae, Mo, ae, 1]
  ];
  function f(p) {
    return (_, m, y, N, S, M) => {
      let v = [], x = S >= i, k = S >= s && S < i, P = p(y), $ = de(P * e, 3), B = ls(P.getFullYear(), x ? 0 : P.getMonth(), k || x ? 1 : P.getDate()), I = de(B * e, 3);
      if (k || x) {
        let q = k ? S / s : 0, V = x ? S / i : 0, O = $ == I ? $ : de(ls(B.getFullYear() + V, B.getMonth() + q, 1) * e, 3), R = new Date(Pe(O / e)), L = R.getFullYear(), j = R.getMonth();
        for (let A = 0; O <= N; A++) {
          let U = ls(L + V * A, j + q * A, 1), G = U - p(de(U * e, 3));
          O = de((+U + G) * e, 3), O <= N && v.push(O);
        }
      } else {
        let q = S >= r ? r : S, V = at(y) - at($), O = I + V + br($ - I, q);
        v.push(O);
        let R = p(O), L = R.getHours() + R.getMinutes() / n + R.getSeconds() / l, j = S / l, A = _.axes[m]._space, U = M / A;
        for (; O = de(O + S, e == 1 ? 0 : 3), !(O > N); )
          if (j > 1) {
            let G = at(de(L + j, 6)) % 24, ne = p(O).getHours() - G;
            ne > 1 && (ne = -1), O -= ne * l, L = (L + j) % 24;
            let ce = v[v.length - 1];
            de((O - ce) / S, 3) * U >= 0.7 && v.push(O);
          } else
            v.push(O);
      }
      return v;
    };
  }
  return [
    u,
    a,
    f
  ];
}
const [cd, ud, fd] = ac(1), [dd, hd, pd] = ac(1e-3);
Pl(2, -53, 53, [1]);
function Oo(e, t) {
  return e.map((n) => n.map(
    (l, r) => r == 0 || r == 8 || l == null ? l : t(r == 1 || n[8] == 0 ? l : n[1] + l)
  ));
}
function $o(e, t) {
  return (n, l, r, s, i) => {
    let o = t.find((y) => i >= y[0]) || t[t.length - 1], u, a, f, p, _, m;
    return l.map((y) => {
      let N = e(y), S = N.getFullYear(), M = N.getMonth(), v = N.getDate(), x = N.getHours(), k = N.getMinutes(), P = N.getSeconds(), $ = S != u && o[2] || M != a && o[3] || v != f && o[4] || x != p && o[5] || k != _ && o[6] || P != m && o[7] || o[1];
      return u = S, a = M, f = v, p = x, _ = k, m = P, $(N);
    });
  };
}
function gd(e, t) {
  let n = ei(t);
  return (l, r, s, i, o) => r.map((u) => n(e(u)));
}
function ls(e, t, n) {
  return new Date(e, t, n);
}
function Co(e, t) {
  return t(e);
}
const md = "{YYYY}-{MM}-{DD} {h}:{mm}{aa}";
function Lo(e, t) {
  return (n, l, r, s) => s == null ? Ys : t(e(l));
}
function _d(e, t) {
  let n = e.series[t];
  return n.width ? n.stroke(e, t) : n.points.width ? n.points.stroke(e, t) : null;
}
function wd(e, t) {
  return e.series[t].fill(e, t);
}
const vd = {
  show: !0,
  live: !0,
  isolate: !1,
  mount: jf,
  markers: {
    show: !0,
    width: 2,
    stroke: _d,
    fill: wd,
    dash: "solid"
  },
  idx: null,
  idxs: null,
  values: []
};
function bd(e, t) {
  let n = e.cursor.points, l = _t(), r = n.size(e, t);
  ve(l, xl, r), ve(l, Sl, r);
  let s = r / -2;
  ve(l, "marginLeft", s), ve(l, "marginTop", s);
  let i = n.width(e, t, r);
  return i && ve(l, "borderWidth", i), l;
}
function yd(e, t) {
  let n = e.series[t].points;
  return n._fill || n._stroke;
}
function kd(e, t) {
  let n = e.series[t].points;
  return n._stroke || n._fill;
}
function Ed(e, t) {
  return e.series[t].points.size;
}
const rs = [0, 0];
function xd(e, t, n) {
  return rs[0] = t, rs[1] = n, rs;
}
function Ql(e, t, n, l = !0) {
  return (r) => {
    r.button == 0 && (!l || r.target == t) && n(r);
  };
}
function ss(e, t, n, l = !0) {
  return (r) => {
    (!l || r.target == t) && n(r);
  };
}
const Sd = {
  show: !0,
  x: !0,
  y: !0,
  lock: !1,
  move: xd,
  points: {
    one: !1,
    show: bd,
    size: Ed,
    width: 0,
    stroke: kd,
    fill: yd
  },
  bind: {
    mousedown: Ql,
    mouseup: Ql,
    click: Ql,
    // legend clicks, not .u-over clicks
    dblclick: Ql,
    mousemove: ss,
    mouseleave: ss,
    mouseenter: ss
  },
  drag: {
    setScale: !0,
    x: !0,
    y: !1,
    dist: 0,
    uni: null,
    click: (e, t) => {
      t.stopPropagation(), t.stopImmediatePropagation();
    },
    _x: !1,
    _y: !1
  },
  focus: {
    dist: (e, t, n, l, r) => l - r,
    prox: -1,
    bias: 0
  },
  hover: {
    skip: [void 0],
    prox: null,
    bias: 0
  },
  left: -10,
  top: -10,
  idx: null,
  dataIdx: null,
  idxs: null,
  event: null
}, cc = {
  show: !0,
  stroke: "rgba(0,0,0,0.07)",
  width: 2
  //	dash: [],
}, ni = $e({}, cc, {
  filter: Ka
}), uc = $e({}, ni, {
  size: 10
}), fc = $e({}, cc, {
  show: !1
}), li = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"', dc = "bold " + li, hc = 1.5, Po = {
  show: !0,
  scale: "x",
  stroke: Us,
  space: 50,
  gap: 5,
  alignTo: 1,
  size: 50,
  labelGap: 0,
  labelSize: 30,
  labelFont: dc,
  side: 2,
  //	class: "x-vals",
  //	incrs: timeIncrs,
  //	values: timeVals,
  //	filter: retArg1,
  grid: ni,
  ticks: uc,
  border: fc,
  font: li,
  lineGap: hc,
  rotate: 0
}, Nd = "Value", Md = "Time", Ao = {
  show: !0,
  scale: "x",
  auto: !1,
  sorted: 1,
  //	label: "Time",
  //	value: v => stamp(new Date(v * 1e3)),
  // internal caches
  min: fe,
  max: -fe,
  idxs: []
};
function Td(e, t, n, l, r) {
  return t.map((s) => s == null ? "" : Qs(s));
}
function Od(e, t, n, l, r, s, i) {
  let o = [], u = ln.get(r) || 0;
  n = i ? n : de(br(n, r), u);
  for (let a = n; a <= l; a = de(a + r, u))
    o.push(Object.is(a, -0) ? 0 : a);
  return o;
}
function Ms(e, t, n, l, r, s, i) {
  const o = [], u = e.scales[e.axes[t].scale].log, a = u == 10 ? qt : Ga, f = at(a(n));
  r = nl(u, f), u == 10 && (r = _n[St(r, _n)]);
  let p = n, _ = r * u;
  u == 10 && (_ = _n[St(_, _n)]);
  do
    o.push(p), p = p + r, u == 10 && !ln.has(p) && (p = de(p, ln.get(r))), p >= _ && (r = p, _ = r * u, u == 10 && (_ = _n[St(_, _n)]));
  while (p <= l);
  return o;
}
function $d(e, t, n, l, r, s, i) {
  let u = e.scales[e.axes[t].scale].asinh, a = l > u ? Ms(e, t, Ze(u, n), l, r) : [u], f = l >= 0 && n <= 0 ? [0] : [];
  return (n < -u ? Ms(e, t, Ze(u, -l), -n, r) : [u]).reverse().map((_) => -_).concat(f, a);
}
const pc = /./, Cd = /[12357]/, Ld = /[125]/, Io = /1/, Ts = (e, t, n, l) => e.map((r, s) => t == 4 && r == 0 || s % l == 0 && n.test(r.toExponential()[r < 0 ? 1 : 0]) ? r : null);
function Pd(e, t, n, l, r) {
  let s = e.axes[n], i = s.scale, o = e.scales[i], u = e.valToPos, a = s._space, f = u(10, i), p = u(9, i) - f >= a ? pc : u(7, i) - f >= a ? Cd : u(5, i) - f >= a ? Ld : Io;
  if (p == Io) {
    let _ = Ae(u(1, i) - f);
    if (_ < a)
      return Ts(t.slice().reverse(), o.distr, p, wt(a / _)).reverse();
  }
  return Ts(t, o.distr, p, 1);
}
function Ad(e, t, n, l, r) {
  let s = e.axes[n], i = s.scale, o = s._space, u = e.valToPos, a = Ae(u(1, i) - u(2, i));
  return a < o ? Ts(t.slice().reverse(), 3, pc, wt(o / a)).reverse() : t;
}
function Id(e, t, n, l) {
  return l == null ? Ys : t == null ? "" : Qs(t);
}
const Do = {
  show: !0,
  scale: "y",
  stroke: Us,
  space: 30,
  gap: 5,
  alignTo: 1,
  size: 50,
  labelGap: 0,
  labelSize: 30,
  labelFont: dc,
  side: 3,
  //	class: "y-vals",
  //	incrs: numIncrs,
  //	values: (vals, space) => vals,
  //	filter: retArg1,
  grid: ni,
  ticks: uc,
  border: fc,
  font: li,
  lineGap: hc,
  rotate: 0
};
function Dd(e, t) {
  let n = 3 + (e || 1) * 2;
  return de(n * t, 3);
}
function Rd(e, t) {
  let { scale: n, idxs: l } = e.series[0], r = e._data[0], s = e.valToPos(r[l[0]], n, !0), i = e.valToPos(r[l[1]], n, !0), o = Ae(i - s), u = e.series[t], a = o / (u.points.space * ie);
  return l[1] - l[0] <= a;
}
const Ro = {
  scale: null,
  auto: !0,
  sorted: 0,
  // internal caches
  min: fe,
  max: -fe
}, gc = (e, t, n, l, r) => r, jo = {
  show: !0,
  auto: !0,
  sorted: 0,
  gaps: gc,
  alpha: 1,
  facets: [
    $e({}, Ro, { scale: "x" }),
    $e({}, Ro, { scale: "y" })
  ]
}, Fo = {
  scale: "y",
  auto: !0,
  sorted: 0,
  show: !0,
  spanGaps: !1,
  gaps: gc,
  alpha: 1,
  points: {
    show: Rd,
    filter: null
    //  paths:
    //	stroke: "#000",
    //	fill: "#fff",
    //	width: 1,
    //	size: 10,
  },
  //	label: "Value",
  //	value: v => v,
  values: null,
  // internal caches
  min: fe,
  max: -fe,
  idxs: [],
  path: null,
  clip: null
};
function jd(e, t, n, l, r) {
  return n / 10;
}
const mc = {
  time: cf,
  auto: !0,
  distr: 1,
  log: 10,
  asinh: 1,
  min: null,
  max: null,
  dir: 1,
  ori: 0
}, Fd = $e({}, mc, {
  time: !1,
  ori: 1
}), zo = {};
function _c(e, t) {
  let n = zo[e];
  return n || (n = {
    key: e,
    plots: [],
    sub(l) {
      n.plots.push(l);
    },
    unsub(l) {
      n.plots = n.plots.filter((r) => r != l);
    },
    pub(l, r, s, i, o, u, a) {
      for (let f = 0; f < n.plots.length; f++)
        n.plots[f] != r && n.plots[f].pub(l, r, s, i, o, u, a);
    }
  }, e != null && (zo[e] = n)), n;
}
const sl = 1, Os = 2;
function Mn(e, t, n) {
  const l = e.mode, r = e.series[t], s = l == 2 ? e._data[t] : e._data, i = e.scales, o = e.bbox;
  let u = s[0], a = l == 2 ? s[1] : s[t], f = l == 2 ? i[r.facets[0].scale] : i[e.series[0].scale], p = l == 2 ? i[r.facets[1].scale] : i[r.scale], _ = o.left, m = o.top, y = o.width, N = o.height, S = e.valToPosH, M = e.valToPosV;
  return f.ori == 0 ? n(
    r,
    u,
    a,
    f,
    p,
    S,
    M,
    _,
    m,
    y,
    N,
    Er,
    cl,
    Sr,
    vc,
    yc
  ) : n(
    r,
    u,
    a,
    f,
    p,
    M,
    S,
    m,
    _,
    N,
    y,
    xr,
    ul,
    ii,
    bc,
    kc
  );
}
function ri(e, t) {
  let n = 0, l = 0, r = re(e.bands, Xs);
  for (let s = 0; s < r.length; s++) {
    let i = r[s];
    i.series[0] == t ? n = i.dir : i.series[1] == t && (i.dir == 1 ? l |= 1 : l |= 2);
  }
  return [
    n,
    l == 1 ? -1 : (
      // neg only
      l == 2 ? 1 : (
        // pos only
        l == 3 ? 2 : (
          // both
          0
        )
      )
    )
  ];
}
function zd(e, t, n, l, r) {
  let s = e.mode, i = e.series[t], o = s == 2 ? i.facets[1].scale : i.scale, u = e.scales[o];
  return r == -1 ? u.min : r == 1 ? u.max : u.distr == 3 ? u.dir == 1 ? u.min : u.max : 0;
}
function Bt(e, t, n, l, r, s) {
  return Mn(e, t, (i, o, u, a, f, p, _, m, y, N, S) => {
    let M = i.pxRound;
    const v = a.dir * (a.ori == 0 ? 1 : -1), x = a.ori == 0 ? cl : ul;
    let k, P;
    v == 1 ? (k = n, P = l) : (k = l, P = n);
    let $ = M(p(o[k], a, N, m)), B = M(_(u[k], f, S, y)), I = M(p(o[P], a, N, m)), q = M(_(s == 1 ? f.max : f.min, f, S, y)), V = new Path2D(r);
    return x(V, I, q), x(V, $, q), x(V, $, B), V;
  });
}
function kr(e, t, n, l, r, s) {
  let i = null;
  if (e.length > 0) {
    i = new Path2D();
    const o = t == 0 ? Sr : ii;
    let u = n;
    for (let p = 0; p < e.length; p++) {
      let _ = e[p];
      if (_[1] > _[0]) {
        let m = _[0] - u;
        m > 0 && o(i, u, l, m, l + s), u = _[1];
      }
    }
    let a = n + r - u, f = 10;
    a > 0 && o(i, u, l - f / 2, a, l + s + f);
  }
  return i;
}
function Vd(e, t, n) {
  let l = e[e.length - 1];
  l && l[0] == t ? l[1] = n : e.push([t, n]);
}
function si(e, t, n, l, r, s, i) {
  let o = [], u = e.length;
  for (let a = r == 1 ? n : l; a >= n && a <= l; a += r)
    if (t[a] === null) {
      let p = a, _ = a;
      if (r == 1)
        for (; ++a <= l && t[a] === null; )
          _ = a;
      else
        for (; --a >= n && t[a] === null; )
          _ = a;
      let m = s(e[p]), y = _ == p ? m : s(e[_]), N = p - r;
      m = i <= 0 && N >= 0 && N < u ? s(e[N]) : m;
      let M = _ + r;
      y = i >= 0 && M >= 0 && M < u ? s(e[M]) : y, y >= m && o.push([m, y]);
    }
  return o;
}
function Vo(e) {
  return e == 0 ? Ya : e == 1 ? Pe : (t) => mn(t, e);
}
function wc(e) {
  let t = e == 0 ? Er : xr, n = e == 0 ? (r, s, i, o, u, a) => {
    r.arcTo(s, i, o, u, a);
  } : (r, s, i, o, u, a) => {
    r.arcTo(i, s, u, o, a);
  }, l = e == 0 ? (r, s, i, o, u) => {
    r.rect(s, i, o, u);
  } : (r, s, i, o, u) => {
    r.rect(i, s, u, o);
  };
  return (r, s, i, o, u, a = 0, f = 0) => {
    a == 0 && f == 0 ? l(r, s, i, o, u) : (a = Nt(a, o / 2, u / 2), f = Nt(f, o / 2, u / 2), t(r, s + a, i), n(r, s + o, i, s + o, i + u, a), n(r, s + o, i + u, s, i + u, f), n(r, s, i + u, s, i, f), n(r, s, i, s + o, i, a), r.closePath());
  };
}
const Er = (e, t, n) => {
  e.moveTo(t, n);
}, xr = (e, t, n) => {
  e.moveTo(n, t);
}, cl = (e, t, n) => {
  e.lineTo(t, n);
}, ul = (e, t, n) => {
  e.lineTo(n, t);
}, Sr = wc(0), ii = wc(1), vc = (e, t, n, l, r, s) => {
  e.arc(t, n, l, r, s);
}, bc = (e, t, n, l, r, s) => {
  e.arc(n, t, l, r, s);
}, yc = (e, t, n, l, r, s, i) => {
  e.bezierCurveTo(t, n, l, r, s, i);
}, kc = (e, t, n, l, r, s, i) => {
  e.bezierCurveTo(n, t, r, l, i, s);
};
function Ec(e) {
  return (t, n, l, r, s) => Mn(t, n, (i, o, u, a, f, p, _, m, y, N, S) => {
    let { pxRound: M, points: v } = i, x, k;
    a.ori == 0 ? (x = Er, k = vc) : (x = xr, k = bc);
    const P = de(v.width * ie, 3);
    let $ = (v.size - v.width) / 2 * ie, B = de($ * 2, 3), I = new Path2D(), q = new Path2D(), { left: V, top: O, width: R, height: L } = t.bbox;
    Sr(
      q,
      V - B,
      O - B,
      R + B * 2,
      L + B * 2
    );
    const j = (A) => {
      if (u[A] != null) {
        let U = M(p(o[A], a, N, m)), G = M(_(u[A], f, S, y));
        x(I, U + $, G), k(I, U, G, $, 0, nr * 2);
      }
    };
    if (s)
      s.forEach(j);
    else
      for (let A = l; A <= r; A++)
        j(A);
    return {
      stroke: P > 0 ? I : null,
      fill: I,
      clip: q,
      flags: sl | Os
    };
  });
}
function xc(e) {
  return (t, n, l, r, s, i) => {
    l != r && (s != l && i != l && e(t, n, l), s != r && i != r && e(t, n, r), e(t, n, i));
  };
}
const Hd = xc(cl), Wd = xc(ul);
function Sc(e) {
  const t = re(e?.alignGaps, 0);
  return (n, l, r, s) => Mn(n, l, (i, o, u, a, f, p, _, m, y, N, S) => {
    [r, s] = wr(u, r, s);
    let M = i.pxRound, v = (L) => M(p(L, a, N, m)), x = (L) => M(_(L, f, S, y)), k, P;
    a.ori == 0 ? (k = cl, P = Hd) : (k = ul, P = Wd);
    const $ = a.dir * (a.ori == 0 ? 1 : -1), B = { stroke: new Path2D(), fill: null, clip: null, band: null, gaps: null, flags: sl }, I = B.stroke;
    let q = !1;
    if (s - r >= N * 4) {
      let L = (Y) => n.posToVal(Y, a.key, !0), j = null, A = null, U, G, Xe, be = v(o[$ == 1 ? r : s]), ne = v(o[r]), ce = v(o[s]), X = L($ == 1 ? ne + 1 : ce - 1);
      for (let Y = $ == 1 ? r : s; Y >= r && Y <= s; Y += $) {
        let Ce = o[Y], ye = ($ == 1 ? Ce < X : Ce > X) ? be : v(Ce), oe = u[Y];
        ye == be ? oe != null ? (G = oe, j == null ? (k(I, ye, x(G)), U = j = A = G) : G < j ? j = G : G > A && (A = G)) : oe === null && (q = !0) : (j != null && P(I, be, x(j), x(A), x(U), x(G)), oe != null ? (G = oe, k(I, ye, x(G)), j = A = U = G) : (j = A = null, oe === null && (q = !0)), be = ye, X = L(be + $));
      }
      j != null && j != A && Xe != be && P(I, be, x(j), x(A), x(U), x(G));
    } else
      for (let L = $ == 1 ? r : s; L >= r && L <= s; L += $) {
        let j = u[L];
        j === null ? q = !0 : j != null && k(I, v(o[L]), x(j));
      }
    let [O, R] = ri(n, l);
    if (i.fill != null || O != 0) {
      let L = B.fill = new Path2D(I), j = i.fillTo(n, l, i.min, i.max, O), A = x(j), U = v(o[r]), G = v(o[s]);
      $ == -1 && ([G, U] = [U, G]), k(L, G, A), k(L, U, A);
    }
    if (!i.spanGaps) {
      let L = [];
      q && L.push(...si(o, u, r, s, $, v, t)), B.gaps = L = i.gaps(n, l, r, s, L), B.clip = kr(L, a.ori, m, y, N, S);
    }
    return R != 0 && (B.band = R == 2 ? [
      Bt(n, l, r, s, I, -1),
      Bt(n, l, r, s, I, 1)
    ] : Bt(n, l, r, s, I, R)), B;
  });
}
function qd(e) {
  const t = re(e.align, 1), n = re(e.ascDesc, !1), l = re(e.alignGaps, 0), r = re(e.extend, !1);
  return (s, i, o, u) => Mn(s, i, (a, f, p, _, m, y, N, S, M, v, x) => {
    [o, u] = wr(p, o, u);
    let k = a.pxRound, { left: P, width: $ } = s.bbox, B = (ne) => k(y(ne, _, v, S)), I = (ne) => k(N(ne, m, x, M)), q = _.ori == 0 ? cl : ul;
    const V = { stroke: new Path2D(), fill: null, clip: null, band: null, gaps: null, flags: sl }, O = V.stroke, R = _.dir * (_.ori == 0 ? 1 : -1);
    let L = I(p[R == 1 ? o : u]), j = B(f[R == 1 ? o : u]), A = j, U = j;
    r && t == -1 && (U = P, q(O, U, L)), q(O, j, L);
    for (let ne = R == 1 ? o : u; ne >= o && ne <= u; ne += R) {
      let ce = p[ne];
      if (ce == null)
        continue;
      let X = B(f[ne]), Y = I(ce);
      t == 1 ? q(O, X, L) : q(O, A, Y), q(O, X, Y), L = Y, A = X;
    }
    let G = A;
    r && t == 1 && (G = P + $, q(O, G, L));
    let [Xe, be] = ri(s, i);
    if (a.fill != null || Xe != 0) {
      let ne = V.fill = new Path2D(O), ce = a.fillTo(s, i, a.min, a.max, Xe), X = I(ce);
      q(ne, G, X), q(ne, U, X);
    }
    if (!a.spanGaps) {
      let ne = [];
      ne.push(...si(f, p, o, u, R, B, l));
      let ce = a.width * ie / 2, X = n || t == 1 ? ce : -ce, Y = n || t == -1 ? -ce : ce;
      ne.forEach((Ce) => {
        Ce[0] += X, Ce[1] += Y;
      }), V.gaps = ne = a.gaps(s, i, o, u, ne), V.clip = kr(ne, _.ori, S, M, v, x);
    }
    return be != 0 && (V.band = be == 2 ? [
      Bt(s, i, o, u, O, -1),
      Bt(s, i, o, u, O, 1)
    ] : Bt(s, i, o, u, O, be)), V;
  });
}
function Ho(e, t, n, l, r, s, i = fe) {
  if (e.length > 1) {
    let o = null;
    for (let u = 0, a = 1 / 0; u < e.length; u++)
      if (t[u] !== void 0) {
        if (o != null) {
          let f = Ae(e[u] - e[o]);
          f < a && (a = f, i = Ae(n(e[u], l, r, s) - n(e[o], l, r, s)));
        }
        o = u;
      }
  }
  return i;
}
function Bd(e) {
  e = e || Cl;
  const t = re(e.size, [0.6, fe, 1]), n = e.align || 0, l = e.gap || 0;
  let r = e.radius;
  r = // [valueRadius, baselineRadius]
  r == null ? [0, 0] : typeof r == "number" ? [r, 0] : r;
  const s = te(r), i = 1 - t[0], o = re(t[1], fe), u = re(t[2], 1), a = re(e.disp, Cl), f = re(e.each, (m) => {
  }), { fill: p, stroke: _ } = a;
  return (m, y, N, S) => Mn(m, y, (M, v, x, k, P, $, B, I, q, V, O) => {
    let R = M.pxRound, L = n, j = l * ie, A = o * ie, U = u * ie, G, Xe;
    k.ori == 0 ? [G, Xe] = s(m, y) : [Xe, G] = s(m, y);
    const be = k.dir * (k.ori == 0 ? 1 : -1);
    let ne = k.ori == 0 ? Sr : ii, ce = k.ori == 0 ? f : (H, ge, Le, Ln, an, Ot, cn) => {
      f(H, ge, Le, an, Ln, cn, Ot);
    }, X = re(m.bands, Xs).find((H) => H.series[0] == y), Y = X != null ? X.dir : 0, Ce = M.fillTo(m, y, M.min, M.max, Y), Ge = R(B(Ce, P, O, q)), ye, oe, vt, nt = V, Ee = R(M.width * ie), Tt = !1, Vt = null, ft = null, Ut = null, On = null;
    p != null && (Ee == 0 || _ != null) && (Tt = !0, Vt = p.values(m, y, N, S), ft = /* @__PURE__ */ new Map(), new Set(Vt).forEach((H) => {
      H != null && ft.set(H, new Path2D());
    }), Ee > 0 && (Ut = _.values(m, y, N, S), On = /* @__PURE__ */ new Map(), new Set(Ut).forEach((H) => {
      H != null && On.set(H, new Path2D());
    })));
    let { x0: $n, size: dl } = a;
    if ($n != null && dl != null) {
      L = 1, v = $n.values(m, y, N, S), $n.unit == 2 && (v = v.map((Le) => m.posToVal(I + Le * V, k.key, !0)));
      let H = dl.values(m, y, N, S);
      dl.unit == 2 ? oe = H[0] * V : oe = $(H[0], k, V, I) - $(0, k, V, I), nt = Ho(v, x, $, k, V, I, nt), vt = nt - oe + j;
    } else
      nt = Ho(v, x, $, k, V, I, nt), vt = nt * i + j, oe = nt - vt;
    vt < 1 && (vt = 0), Ee >= oe / 2 && (Ee = 0), vt < 5 && (R = Ya);
    let Fl = vt > 0, sn = nt - vt - (Fl ? Ee : 0);
    oe = R(Ns(sn, U, A)), ye = (L == 0 ? oe / 2 : L == be ? 0 : oe) - L * be * ((L == 0 ? j / 2 : 0) + (Fl ? Ee / 2 : 0));
    const Ue = { stroke: null, fill: null, clip: null, band: null, gaps: null, flags: 0 }, Cn = Tt ? null : new Path2D();
    let Ht = null;
    if (X != null)
      Ht = m.data[X.series[1]];
    else {
      let { y0: H, y1: ge } = a;
      H != null && ge != null && (x = ge.values(m, y, N, S), Ht = H.values(m, y, N, S));
    }
    let on = G * oe, Q = Xe * oe;
    for (let H = be == 1 ? N : S; H >= N && H <= S; H += be) {
      let ge = x[H];
      if (ge == null)
        continue;
      if (Ht != null) {
        let et = Ht[H] ?? 0;
        if (ge - et == 0)
          continue;
        Ge = B(et, P, O, q);
      }
      let Le = k.distr != 2 || a != null ? v[H] : H, Ln = $(Le, k, V, I), an = B(re(ge, Ce), P, O, q), Ot = R(Ln - ye), cn = R(Ze(an, Ge)), lt = R(Nt(an, Ge)), dt = cn - lt;
      if (ge != null) {
        let et = ge < 0 ? Q : on, bt = ge < 0 ? on : Q;
        Tt ? (Ee > 0 && Ut[H] != null && ne(On.get(Ut[H]), Ot, lt + at(Ee / 2), oe, Ze(0, dt - Ee), et, bt), Vt[H] != null && ne(ft.get(Vt[H]), Ot, lt + at(Ee / 2), oe, Ze(0, dt - Ee), et, bt)) : ne(Cn, Ot, lt + at(Ee / 2), oe, Ze(0, dt - Ee), et, bt), ce(
          m,
          y,
          H,
          Ot - Ee / 2,
          lt,
          oe + Ee,
          dt
        );
      }
    }
    return Ee > 0 ? Ue.stroke = Tt ? On : Cn : Tt || (Ue._fill = M.width == 0 ? M._fill : M._stroke ?? M._fill, Ue.width = 0), Ue.fill = Tt ? ft : Cn, Ue;
  });
}
function Gd(e, t) {
  const n = re(t?.alignGaps, 0);
  return (l, r, s, i) => Mn(l, r, (o, u, a, f, p, _, m, y, N, S, M) => {
    [s, i] = wr(a, s, i);
    let v = o.pxRound, x = (G) => v(_(G, f, S, y)), k = (G) => v(m(G, p, M, N)), P, $, B;
    f.ori == 0 ? (P = Er, B = cl, $ = yc) : (P = xr, B = ul, $ = kc);
    const I = f.dir * (f.ori == 0 ? 1 : -1);
    let q = x(u[I == 1 ? s : i]), V = q, O = [], R = [];
    for (let G = I == 1 ? s : i; G >= s && G <= i; G += I)
      if (a[G] != null) {
        let be = u[G], ne = x(be);
        O.push(V = ne), R.push(k(a[G]));
      }
    const L = { stroke: e(O, R, P, B, $, v), fill: null, clip: null, band: null, gaps: null, flags: sl }, j = L.stroke;
    let [A, U] = ri(l, r);
    if (o.fill != null || A != 0) {
      let G = L.fill = new Path2D(j), Xe = o.fillTo(l, r, o.min, o.max, A), be = k(Xe);
      B(G, V, be), B(G, q, be);
    }
    if (!o.spanGaps) {
      let G = [];
      G.push(...si(u, a, s, i, I, x, n)), L.gaps = G = o.gaps(l, r, s, i, G), L.clip = kr(G, f.ori, y, N, S, M);
    }
    return U != 0 && (L.band = U == 2 ? [
      Bt(l, r, s, i, j, -1),
      Bt(l, r, s, i, j, 1)
    ] : Bt(l, r, s, i, j, U)), L;
  });
}
function Ud(e) {
  return Gd(Yd, e);
}
function Yd(e, t, n, l, r, s) {
  const i = e.length;
  if (i < 2)
    return null;
  const o = new Path2D();
  if (n(o, e[0], t[0]), i == 2)
    l(o, e[1], t[1]);
  else {
    let u = Array(i), a = Array(i - 1), f = Array(i - 1), p = Array(i - 1);
    for (let _ = 0; _ < i - 1; _++)
      f[_] = t[_ + 1] - t[_], p[_] = e[_ + 1] - e[_], a[_] = f[_] / p[_];
    u[0] = a[0];
    for (let _ = 1; _ < i - 1; _++)
      a[_] === 0 || a[_ - 1] === 0 || a[_ - 1] > 0 != a[_] > 0 ? u[_] = 0 : (u[_] = 3 * (p[_ - 1] + p[_]) / ((2 * p[_] + p[_ - 1]) / a[_ - 1] + (p[_] + 2 * p[_ - 1]) / a[_]), isFinite(u[_]) || (u[_] = 0));
    u[i - 1] = a[i - 2];
    for (let _ = 0; _ < i - 1; _++)
      r(
        o,
        e[_] + p[_] / 3,
        t[_] + u[_] * p[_] / 3,
        e[_ + 1] - p[_] / 3,
        t[_ + 1] - u[_ + 1] * p[_] / 3,
        e[_ + 1],
        t[_ + 1]
      );
  }
  return o;
}
const $s = /* @__PURE__ */ new Set();
function Wo() {
  for (let e of $s)
    e.syncRect(!0);
}
al && (yn(Tf, Xn, Wo), yn(Of, Xn, Wo, !0), yn(or, Xn, () => {
  qe.pxRatio = ie;
}));
const Kd = Sc(), Jd = Ec();
function qo(e, t, n, l) {
  return (l ? [e[0], e[1]].concat(e.slice(2)) : [e[0]].concat(e.slice(1))).map((s, i) => Cs(s, i, t, n));
}
function Zd(e, t) {
  return e.map((n, l) => l == 0 ? {} : $e({}, t, n));
}
function Cs(e, t, n, l) {
  return $e({}, t == 0 ? n : l, e);
}
function Nc(e, t, n) {
  return t == null ? ll : [t, n];
}
const Qd = Nc;
function Xd(e, t, n) {
  return t == null ? ll : ar(t, n, Zs, !0);
}
function Mc(e, t, n, l) {
  return t == null ? ll : vr(t, n, e.scales[l].log, !1);
}
const eh = Mc;
function Tc(e, t, n, l) {
  return t == null ? ll : Js(t, n, e.scales[l].log, !1);
}
const th = Tc;
function nh(e, t, n, l, r) {
  let s = Ze(ko(e), ko(t)), i = t - e, o = St(r / l * i, n);
  do {
    let u = n[o], a = l * u / i;
    if (a >= r && s + (u < 5 ? ln.get(u) : 0) <= 17)
      return [u, a];
  } while (++o < n.length);
  return [0, 0];
}
function Bo(e) {
  let t, n;
  return e = e.replace(/(\d+)px/, (l, r) => (t = Pe((n = +r) * ie)) + "px"), [e, t, n];
}
function lh(e) {
  e.show && [e.font, e.labelFont].forEach((t) => {
    let n = de(t[2] * ie, 1);
    t[0] = t[0].replace(/[0-9.]+px/, n + "px"), t[1] = n;
  });
}
function qe(e, t, n) {
  const l = {
    mode: re(e.mode, 1)
  }, r = l.mode;
  function s(c, d, g, w) {
    let b = d.valToPct(c);
    return w + g * (d.dir == -1 ? 1 - b : b);
  }
  function i(c, d, g, w) {
    let b = d.valToPct(c);
    return w + g * (d.dir == -1 ? b : 1 - b);
  }
  function o(c, d, g, w) {
    return d.ori == 0 ? s(c, d, g, w) : i(c, d, g, w);
  }
  l.valToPosH = s, l.valToPosV = i;
  let u = !1;
  l.status = 0;
  const a = l.root = _t(uf);
  if (e.id != null && (a.id = e.id), ot(a, e.class), e.title) {
    let c = _t(hf, a);
    c.textContent = e.title;
  }
  const f = xt("canvas"), p = l.ctx = f.getContext("2d"), _ = _t(pf, a);
  yn("click", _, (c) => {
    c.target === y && (me != Wn || ke != qn) && We.click(l, c);
  }, !0);
  const m = l.under = _t(gf, _);
  _.appendChild(f);
  const y = l.over = _t(mf, _);
  e = rl(e);
  const N = +re(e.pxAlign, 1), S = Vo(N);
  (e.plugins || []).forEach((c) => {
    c.opts && (e = c.opts(l, e) || e);
  });
  const M = e.ms || 1e-3, v = l.series = r == 1 ? qo(e.series || [], Ao, Fo, !1) : Zd(e.series || [null], jo), x = l.axes = qo(e.axes || [], Po, Do, !0), k = l.scales = {}, P = l.bands = e.bands || [];
  P.forEach((c) => {
    c.fill = te(c.fill || null), c.dir = re(c.dir, -1);
  });
  const $ = r == 2 ? v[1].facets[0].scale : v[0].scale, B = {
    axes: ku,
    series: _u
  }, I = (e.drawOrder || ["axes", "series"]).map((c) => B[c]);
  function q(c) {
    const d = c.distr == 3 ? (g) => qt(g > 0 ? g : c.clamp(l, g, c.min, c.max, c.key)) : c.distr == 4 ? (g) => ns(g, c.asinh) : c.distr == 100 ? (g) => c.fwd(g) : (g) => g;
    return (g) => {
      let w = d(g), { _min: b, _max: E } = c, T = E - b;
      return (w - b) / T;
    };
  }
  function V(c) {
    let d = k[c];
    if (d == null) {
      let g = (e.scales || Cl)[c] || Cl;
      if (g.from != null) {
        V(g.from);
        let w = $e({}, k[g.from], g, { key: c });
        w.valToPct = q(w), k[c] = w;
      } else {
        d = k[c] = $e({}, c == $ ? mc : Fd, g), d.key = c;
        let w = d.time, b = d.range, E = en(b);
        if ((c != $ || r == 2 && !w) && (E && (b[0] == null || b[1] == null) && (b = {
          min: b[0] == null ? vo : {
            mode: 1,
            hard: b[0],
            soft: b[0]
          },
          max: b[1] == null ? vo : {
            mode: 1,
            hard: b[1],
            soft: b[1]
          }
        }, E = !1), !E && yr(b))) {
          let T = b;
          b = (C, D, F) => D == null ? ll : ar(D, F, T);
        }
        d.range = te(b || (w ? Qd : c == $ ? d.distr == 3 ? eh : d.distr == 4 ? th : Nc : d.distr == 3 ? Mc : d.distr == 4 ? Tc : Xd)), d.auto = te(E ? !1 : d.auto), d.clamp = te(d.clamp || jd), d._min = d._max = null, d.valToPct = q(d);
      }
    }
  }
  V("x"), V("y"), r == 1 && v.forEach((c) => {
    V(c.scale);
  }), x.forEach((c) => {
    V(c.scale);
  });
  for (let c in e.scales)
    V(c);
  const O = k[$], R = O.distr;
  let L, j;
  O.ori == 0 ? (ot(a, ff), L = s, j = i) : (ot(a, df), L = i, j = s);
  const A = {};
  for (let c in k) {
    let d = k[c];
    (d.min != null || d.max != null) && (A[c] = { min: d.min, max: d.max }, d.min = d.max = null);
  }
  const U = e.tzDate || ((c) => new Date(Pe(c / M))), G = e.fmtDate || ei, Xe = M == 1 ? fd(U) : pd(U), be = $o(U, Oo(M == 1 ? ud : hd, G)), ne = Lo(U, Co(md, G)), ce = [], X = l.legend = $e({}, vd, e.legend), Y = l.cursor = $e({}, Sd, { drag: { y: r == 2 } }, e.cursor), Ce = X.show, Ge = Y.show, ye = X.markers;
  X.idxs = ce, ye.width = te(ye.width), ye.dash = te(ye.dash), ye.stroke = te(ye.stroke), ye.fill = te(ye.fill);
  let oe, vt, nt, Ee = [], Tt = [], Vt, ft = !1, Ut = {};
  if (X.live) {
    const c = v[1] ? v[1].values : null;
    ft = c != null, Vt = ft ? c(l, 1, 0) : { _: 0 };
    for (let d in Vt)
      Ut[d] = Ys;
  }
  if (Ce)
    if (oe = xt("table", kf, a), nt = xt("tbody", null, oe), X.mount(l, oe), ft) {
      vt = xt("thead", null, oe, nt);
      let c = xt("tr", null, vt);
      xt("th", null, c);
      for (var On in Vt)
        xt("th", so, c).textContent = On;
    } else
      ot(oe, xf), X.live && ot(oe, Ef);
  const $n = { show: !0 }, dl = { show: !1 };
  function Fl(c, d) {
    if (d == 0 && (ft || !X.live || r == 2))
      return ll;
    let g = [], w = xt("tr", Sf, nt, nt.childNodes[d]);
    ot(w, c.class), c.show || ot(w, wn);
    let b = xt("th", null, w);
    if (ye.show) {
      let C = _t(Nf, b);
      if (d > 0) {
        let D = ye.width(l, d);
        D && (C.style.border = D + "px " + ye.dash(l, d) + " " + ye.stroke(l, d)), C.style.background = ye.fill(l, d);
      }
    }
    let E = _t(so, b);
    c.label instanceof HTMLElement ? E.appendChild(c.label) : E.textContent = c.label, d > 0 && (ye.show || (E.style.color = c.width > 0 ? ye.stroke(l, d) : ye.fill(l, d)), Ue("click", b, (C) => {
      if (Y._lock)
        return;
      fn(C);
      let D = v.indexOf(c);
      if ((C.ctrlKey || C.metaKey) != X.isolate) {
        let F = v.some((z, W) => W > 0 && W != D && z.show);
        v.forEach((z, W) => {
          W > 0 && Ct(W, F ? W == D ? $n : dl : $n, !0, Oe.setSeries);
        });
      } else
        Ct(D, { show: !c.show }, !0, Oe.setSeries);
    }, !1), An && Ue(co, b, (C) => {
      Y._lock || (fn(C), Ct(v.indexOf(c), Gn, !0, Oe.setSeries));
    }, !1));
    for (var T in Vt) {
      let C = xt("td", Mf, w);
      C.textContent = "--", g.push(C);
    }
    return [w, g];
  }
  const sn = /* @__PURE__ */ new Map();
  function Ue(c, d, g, w = !0) {
    const b = sn.get(d) || {}, E = Y.bind[c](l, d, g, w);
    E && (yn(c, d, b[c] = E), sn.set(d, b));
  }
  function Cn(c, d, g) {
    const w = sn.get(d) || {};
    for (let b in w)
      (c == null || b == c) && (Ss(b, d, w[b]), delete w[b]);
    c == null && sn.delete(d);
  }
  let Ht = 0, on = 0, Q = 0, H = 0, ge = 0, Le = 0, Ln = ge, an = Le, Ot = Q, cn = H, lt = 0, dt = 0, et = 0, bt = 0;
  l.bbox = {};
  let Or = !1, zl = !1, Pn = !1, un = !1, Vl = !1, ht = !1;
  function $r(c, d, g) {
    (g || c != l.width || d != l.height) && gi(c, d), Fn(!1), Pn = !0, zl = !0, zn();
  }
  function gi(c, d) {
    l.width = Ht = Q = c, l.height = on = H = d, ge = Le = 0, uu(), fu();
    let g = l.bbox;
    lt = g.left = mn(ge * ie, 0.5), dt = g.top = mn(Le * ie, 0.5), et = g.width = mn(Q * ie, 0.5), bt = g.height = mn(H * ie, 0.5);
  }
  const ou = 3;
  function au() {
    let c = !1, d = 0;
    for (; !c; ) {
      d++;
      let g = bu(d), w = yu(d);
      c = d == ou || g && w, c || (gi(l.width, l.height), zl = !0);
    }
  }
  function cu({ width: c, height: d }) {
    $r(c, d);
  }
  l.setSize = cu;
  function uu() {
    let c = !1, d = !1, g = !1, w = !1;
    x.forEach((b, E) => {
      if (b.show && b._show) {
        let { side: T, _size: C } = b, D = T % 2, F = b.label != null ? b.labelSize : 0, z = C + F;
        z > 0 && (D ? (Q -= z, T == 3 ? (ge += z, w = !0) : g = !0) : (H -= z, T == 0 ? (Le += z, c = !0) : d = !0));
      }
    }), dn[0] = c, dn[1] = g, dn[2] = d, dn[3] = w, Q -= Yt[1] + Yt[3], ge += Yt[3], H -= Yt[2] + Yt[0], Le += Yt[0];
  }
  function fu() {
    let c = ge + Q, d = Le + H, g = ge, w = Le;
    function b(E, T) {
      switch (E) {
        case 1:
          return c += T, c - T;
        case 2:
          return d += T, d - T;
        case 3:
          return g -= T, g + T;
        case 0:
          return w -= T, w + T;
      }
    }
    x.forEach((E, T) => {
      if (E.show && E._show) {
        let C = E.side;
        E._pos = b(C, E._size), E.label != null && (E._lpos = b(C, E.labelSize));
      }
    });
  }
  if (Y.dataIdx == null) {
    let c = Y.hover, d = c.skip = new Set(c.skip ?? []);
    d.add(void 0);
    let g = c.prox = te(c.prox), w = c.bias ??= 0;
    Y.dataIdx = (b, E, T, C) => {
      if (E == 0)
        return T;
      let D = T, F = g(b, E, T, C) ?? fe, z = F >= 0 && F < fe, W = O.ori == 0 ? Q : H, Z = Y.left, se = t[0], le = t[E];
      if (d.has(le[T])) {
        D = null;
        let ee = null, J = null, K;
        if (w == 0 || w == -1)
          for (K = T; ee == null && K-- > 0; )
            d.has(le[K]) || (ee = K);
        if (w == 0 || w == 1)
          for (K = T; J == null && K++ < le.length; )
            d.has(le[K]) || (J = K);
        if (ee != null || J != null)
          if (z) {
            let we = ee == null ? -1 / 0 : L(se[ee], O, W, 0), Se = J == null ? 1 / 0 : L(se[J], O, W, 0), Ve = Z - we, ue = Se - Z;
            Ve <= ue ? Ve <= F && (D = ee) : ue <= F && (D = J);
          } else
            D = J == null ? ee : ee == null ? J : T - ee <= J - T ? ee : J;
      } else z && Ae(Z - L(se[T], O, W, 0)) > F && (D = null);
      return D;
    };
  }
  const fn = (c) => {
    Y.event = c;
  };
  Y.idxs = ce, Y._lock = !1;
  let Be = Y.points;
  Be.show = te(Be.show), Be.size = te(Be.size), Be.stroke = te(Be.stroke), Be.width = te(Be.width), Be.fill = te(Be.fill);
  const $t = l.focus = $e({}, e.focus || { alpha: 0.3 }, Y.focus), An = $t.prox >= 0, In = An && Be.one;
  let pt = [], Dn = [], Rn = [];
  function mi(c, d) {
    let g = Be.show(l, d);
    if (g instanceof HTMLElement)
      return ot(g, yf), ot(g, c.class), It(g, -10, -10, Q, H), y.insertBefore(g, pt[d]), g;
  }
  function _i(c, d) {
    if (r == 1 || d > 0) {
      let g = r == 1 && k[c.scale].time, w = c.value;
      c.value = g ? So(w) ? Lo(U, Co(w, G)) : w || ne : w || Id, c.label = c.label || (g ? Md : Nd);
    }
    if (In || d > 0) {
      c.width = c.width == null ? 1 : c.width, c.paths = c.paths || Kd || Ff, c.fillTo = te(c.fillTo || zd), c.pxAlign = +re(c.pxAlign, N), c.pxRound = Vo(c.pxAlign), c.stroke = te(c.stroke || null), c.fill = te(c.fill || null), c._stroke = c._fill = c._paths = c._focus = null;
      let g = Dd(Ze(1, c.width), 1), w = c.points = $e({}, {
        size: g,
        width: Ze(1, g * 0.2),
        stroke: c.stroke,
        space: g * 2,
        paths: Jd,
        _stroke: null,
        _fill: null
      }, c.points);
      w.show = te(w.show), w.filter = te(w.filter), w.fill = te(w.fill), w.stroke = te(w.stroke), w.paths = te(w.paths), w.pxAlign = c.pxAlign;
    }
    if (Ce) {
      let g = Fl(c, d);
      Ee.splice(d, 0, g[0]), Tt.splice(d, 0, g[1]), X.values.push(null);
    }
    if (Ge) {
      ce.splice(d, 0, null);
      let g = null;
      In ? d == 0 && (g = mi(c, d)) : d > 0 && (g = mi(c, d)), pt.splice(d, 0, g), Dn.splice(d, 0, 0), Rn.splice(d, 0, 0);
    }
    ze("addSeries", d);
  }
  function du(c, d) {
    d = d ?? v.length, c = r == 1 ? Cs(c, d, Ao, Fo) : Cs(c, d, {}, jo), v.splice(d, 0, c), _i(v[d], d);
  }
  l.addSeries = du;
  function hu(c) {
    if (v.splice(c, 1), Ce) {
      X.values.splice(c, 1), Tt.splice(c, 1);
      let d = Ee.splice(c, 1)[0];
      Cn(null, d.firstChild), d.remove();
    }
    Ge && (ce.splice(c, 1), pt.splice(c, 1)[0].remove(), Dn.splice(c, 1), Rn.splice(c, 1)), ze("delSeries", c);
  }
  l.delSeries = hu;
  const dn = [!1, !1, !1, !1];
  function pu(c, d) {
    if (c._show = c.show, c.show) {
      let g = c.side % 2, w = k[c.scale];
      w == null && (c.scale = g ? v[1].scale : $, w = k[c.scale]);
      let b = w.time;
      c.size = te(c.size), c.space = te(c.space), c.rotate = te(c.rotate), en(c.incrs) && c.incrs.forEach((T) => {
        !ln.has(T) && ln.set(T, Za(T));
      }), c.incrs = te(c.incrs || (w.distr == 2 ? od : b ? M == 1 ? cd : dd : _n)), c.splits = te(c.splits || (b && w.distr == 1 ? Xe : w.distr == 3 ? Ms : w.distr == 4 ? $d : Od)), c.stroke = te(c.stroke), c.grid.stroke = te(c.grid.stroke), c.ticks.stroke = te(c.ticks.stroke), c.border.stroke = te(c.border.stroke);
      let E = c.values;
      c.values = // static array of tick values
      en(E) && !en(E[0]) ? te(E) : (
        // temporal
        b ? (
          // config array of fmtDate string tpls
          en(E) ? $o(U, Oo(E, G)) : (
            // fmtDate string tpl
            So(E) ? gd(U, E) : E || be
          )
        ) : E || Td
      ), c.filter = te(c.filter || (w.distr >= 3 && w.log == 10 ? Pd : w.distr == 3 && w.log == 2 ? Ad : Ka)), c.font = Bo(c.font), c.labelFont = Bo(c.labelFont), c._size = c.size(l, null, d, 0), c._space = c._rotate = c._incrs = c._found = // foundIncrSpace
      c._splits = c._values = null, c._size > 0 && (dn[d] = !0, c._el = _t(_f, _));
    }
  }
  function hl(c, d, g, w) {
    let [b, E, T, C] = g, D = d % 2, F = 0;
    return D == 0 && (C || E) && (F = d == 0 && !b || d == 2 && !T ? Pe(Po.size / 3) : 0), D == 1 && (b || T) && (F = d == 1 && !E || d == 3 && !C ? Pe(Do.size / 2) : 0), F;
  }
  const wi = l.padding = (e.padding || [hl, hl, hl, hl]).map((c) => te(re(c, hl))), Yt = l._padding = wi.map((c, d) => c(l, d, dn, 0));
  let He, De = null, Re = null;
  const Hl = r == 1 ? v[0].idxs : null;
  let yt = null, pl = !1;
  function vi(c, d) {
    if (t = c ?? [], l.data = l._data = t, r == 2) {
      He = 0;
      for (let g = 1; g < v.length; g++)
        He += t[g][0].length;
    } else {
      t.length == 0 && (l.data = l._data = t = [[]]), yt = t[0], He = yt.length;
      let g = t;
      if (R == 2) {
        g = t.slice();
        let w = g[0] = Array(He);
        for (let b = 0; b < He; b++)
          w[b] = b;
      }
      l._data = t = g;
    }
    if (Fn(!0), ze("setData"), R == 2 && (Pn = !0), d !== !1) {
      let g = O;
      g.auto(l, pl) ? Cr() : Jt($, g.min, g.max), un = un || Y.left >= 0, ht = !0, zn();
    }
  }
  l.setData = vi;
  function Cr() {
    pl = !0;
    let c, d;
    r == 1 && (He > 0 ? (De = Hl[0] = 0, Re = Hl[1] = He - 1, c = t[0][De], d = t[0][Re], R == 2 ? (c = De, d = Re) : c == d && (R == 3 ? [c, d] = vr(c, c, O.log, !1) : R == 4 ? [c, d] = Js(c, c, O.log, !1) : O.time ? d = c + Pe(86400 / M) : [c, d] = ar(c, d, Zs, !0))) : (De = Hl[0] = c = null, Re = Hl[1] = d = null)), Jt($, c, d);
  }
  let Wl, jn, Lr, Pr, Ar, Ir, Dr, Rr, jr, tt;
  function bi(c, d, g, w, b, E) {
    c ??= oo, g ??= Xs, w ??= "butt", b ??= oo, E ??= "round", c != Wl && (p.strokeStyle = Wl = c), b != jn && (p.fillStyle = jn = b), d != Lr && (p.lineWidth = Lr = d), E != Ar && (p.lineJoin = Ar = E), w != Ir && (p.lineCap = Ir = w), g != Pr && p.setLineDash(Pr = g);
  }
  function yi(c, d, g, w) {
    d != jn && (p.fillStyle = jn = d), c != Dr && (p.font = Dr = c), g != Rr && (p.textAlign = Rr = g), w != jr && (p.textBaseline = jr = w);
  }
  function Fr(c, d, g, w, b = 0) {
    if (w.length > 0 && c.auto(l, pl) && (d == null || d.min == null)) {
      let E = re(De, 0), T = re(Re, w.length - 1), C = g.min == null ? Pf(w, E, T, b, c.distr == 3) : [g.min, g.max];
      c.min = Nt(c.min, g.min = C[0]), c.max = Ze(c.max, g.max = C[1]);
    }
  }
  const ki = { min: null, max: null };
  function gu() {
    for (let w in k) {
      let b = k[w];
      A[w] == null && // scales that have never been set (on init)
      (b.min == null || // or auto scales when the x scale was explicitly set
      A[$] != null && b.auto(l, pl)) && (A[w] = ki);
    }
    for (let w in k) {
      let b = k[w];
      A[w] == null && b.from != null && A[b.from] != null && (A[w] = ki);
    }
    A[$] != null && Fn(!0);
    let c = {};
    for (let w in A) {
      let b = A[w];
      if (b != null) {
        let E = c[w] = rl(k[w], Hf);
        if (b.min != null)
          $e(E, b);
        else if (w != $ || r == 2)
          if (He == 0 && E.from == null) {
            let T = E.range(l, null, null, w);
            E.min = T[0], E.max = T[1];
          } else
            E.min = fe, E.max = -fe;
      }
    }
    if (He > 0) {
      v.forEach((w, b) => {
        if (r == 1) {
          let E = w.scale, T = A[E];
          if (T == null)
            return;
          let C = c[E];
          if (b == 0) {
            let D = C.range(l, C.min, C.max, E);
            C.min = D[0], C.max = D[1], De = St(C.min, t[0]), Re = St(C.max, t[0]), Re - De > 1 && (t[0][De] < C.min && De++, t[0][Re] > C.max && Re--), w.min = yt[De], w.max = yt[Re];
          } else w.show && w.auto && Fr(C, T, w, t[b], w.sorted);
          w.idxs[0] = De, w.idxs[1] = Re;
        } else if (b > 0 && w.show && w.auto) {
          let [E, T] = w.facets, C = E.scale, D = T.scale, [F, z] = t[b], W = c[C], Z = c[D];
          W != null && Fr(W, A[C], E, F, E.sorted), Z != null && Fr(Z, A[D], T, z, T.sorted), w.min = T.min, w.max = T.max;
        }
      });
      for (let w in c) {
        let b = c[w], E = A[w];
        if (b.from == null && (E == null || E.min == null)) {
          let T = b.range(
            l,
            b.min == fe ? null : b.min,
            b.max == -fe ? null : b.max,
            w
          );
          b.min = T[0], b.max = T[1];
        }
      }
    }
    for (let w in c) {
      let b = c[w];
      if (b.from != null) {
        let E = c[b.from];
        if (E.min == null)
          b.min = b.max = null;
        else {
          let T = b.range(l, E.min, E.max, w);
          b.min = T[0], b.max = T[1];
        }
      }
    }
    let d = {}, g = !1;
    for (let w in c) {
      let b = c[w], E = k[w];
      if (E.min != b.min || E.max != b.max) {
        E.min = b.min, E.max = b.max;
        let T = E.distr;
        E._min = T == 3 ? qt(E.min) : T == 4 ? ns(E.min, E.asinh) : T == 100 ? E.fwd(E.min) : E.min, E._max = T == 3 ? qt(E.max) : T == 4 ? ns(E.max, E.asinh) : T == 100 ? E.fwd(E.max) : E.max, d[w] = g = !0;
      }
    }
    if (g) {
      v.forEach((w, b) => {
        r == 2 ? b > 0 && d.y && (w._paths = null) : d[w.scale] && (w._paths = null);
      });
      for (let w in d)
        Pn = !0, ze("setScale", w);
      Ge && Y.left >= 0 && (un = ht = !0);
    }
    for (let w in A)
      A[w] = null;
  }
  function mu(c) {
    let d = Ns(De - 1, 0, He - 1), g = Ns(Re + 1, 0, He - 1);
    for (; c[d] == null && d > 0; )
      d--;
    for (; c[g] == null && g < He - 1; )
      g++;
    return [d, g];
  }
  function _u() {
    if (He > 0) {
      let c = v.some((d) => d._focus) && tt != $t.alpha;
      c && (p.globalAlpha = tt = $t.alpha), v.forEach((d, g) => {
        if (g > 0 && d.show && (Ei(g, !1), Ei(g, !0), d._paths == null)) {
          let w = tt;
          tt != d.alpha && (p.globalAlpha = tt = d.alpha);
          let b = r == 2 ? [0, t[g][0].length - 1] : mu(t[g]);
          d._paths = d.paths(l, g, b[0], b[1]), tt != w && (p.globalAlpha = tt = w);
        }
      }), v.forEach((d, g) => {
        if (g > 0 && d.show) {
          let w = tt;
          tt != d.alpha && (p.globalAlpha = tt = d.alpha), d._paths != null && xi(g, !1);
          {
            let b = d._paths != null ? d._paths.gaps : null, E = d.points.show(l, g, De, Re, b), T = d.points.filter(l, g, E, b);
            (E || T) && (d.points._paths = d.points.paths(l, g, De, Re, T), xi(g, !0));
          }
          tt != w && (p.globalAlpha = tt = w), ze("drawSeries", g);
        }
      }), c && (p.globalAlpha = tt = 1);
    }
  }
  function Ei(c, d) {
    let g = d ? v[c].points : v[c];
    g._stroke = g.stroke(l, c), g._fill = g.fill(l, c);
  }
  function xi(c, d) {
    let g = d ? v[c].points : v[c], {
      stroke: w,
      fill: b,
      clip: E,
      flags: T,
      _stroke: C = g._stroke,
      _fill: D = g._fill,
      _width: F = g.width
    } = g._paths;
    F = de(F * ie, 3);
    let z = null, W = F % 2 / 2;
    d && D == null && (D = F > 0 ? "#fff" : C);
    let Z = g.pxAlign == 1 && W > 0;
    if (Z && p.translate(W, W), !d) {
      let se = lt - F / 2, le = dt - F / 2, ee = et + F, J = bt + F;
      z = new Path2D(), z.rect(se, le, ee, J);
    }
    d ? zr(C, F, g.dash, g.cap, D, w, b, T, E) : wu(c, C, F, g.dash, g.cap, D, w, b, T, z, E), Z && p.translate(-W, -W);
  }
  function wu(c, d, g, w, b, E, T, C, D, F, z) {
    let W = !1;
    D != 0 && P.forEach((Z, se) => {
      if (Z.series[0] == c) {
        let le = v[Z.series[1]], ee = t[Z.series[1]], J = (le._paths || Cl).band;
        en(J) && (J = Z.dir == 1 ? J[0] : J[1]);
        let K, we = null;
        le.show && J && If(ee, De, Re) ? (we = Z.fill(l, se) || E, K = le._paths.clip) : J = null, zr(d, g, w, b, we, T, C, D, F, z, K, J), W = !0;
      }
    }), W || zr(d, g, w, b, E, T, C, D, F, z);
  }
  const Si = sl | Os;
  function zr(c, d, g, w, b, E, T, C, D, F, z, W) {
    bi(c, d, g, w, b), (D || F || W) && (p.save(), D && p.clip(D), F && p.clip(F)), W ? (C & Si) == Si ? (p.clip(W), z && p.clip(z), Bl(b, T), ql(c, E, d)) : C & Os ? (Bl(b, T), p.clip(W), ql(c, E, d)) : C & sl && (p.save(), p.clip(W), z && p.clip(z), Bl(b, T), p.restore(), ql(c, E, d)) : (Bl(b, T), ql(c, E, d)), (D || F || W) && p.restore();
  }
  function ql(c, d, g) {
    g > 0 && (d instanceof Map ? d.forEach((w, b) => {
      p.strokeStyle = Wl = b, p.stroke(w);
    }) : d != null && c && p.stroke(d));
  }
  function Bl(c, d) {
    d instanceof Map ? d.forEach((g, w) => {
      p.fillStyle = jn = w, p.fill(g);
    }) : d != null && c && p.fill(d);
  }
  function vu(c, d, g, w) {
    let b = x[c], E;
    if (w <= 0)
      E = [0, 0];
    else {
      let T = b._space = b.space(l, c, d, g, w), C = b._incrs = b.incrs(l, c, d, g, w, T);
      E = nh(d, g, C, w, T);
    }
    return b._found = E;
  }
  function Vr(c, d, g, w, b, E, T, C, D, F) {
    let z = T % 2 / 2;
    N == 1 && p.translate(z, z), bi(C, T, D, F, C), p.beginPath();
    let W, Z, se, le, ee = b + (w == 0 || w == 3 ? -E : E);
    g == 0 ? (Z = b, le = ee) : (W = b, se = ee);
    for (let J = 0; J < c.length; J++)
      d[J] != null && (g == 0 ? W = se = c[J] : Z = le = c[J], p.moveTo(W, Z), p.lineTo(se, le));
    p.stroke(), N == 1 && p.translate(-z, -z);
  }
  function bu(c) {
    let d = !0;
    return x.forEach((g, w) => {
      if (!g.show)
        return;
      let b = k[g.scale];
      if (b.min == null) {
        g._show && (d = !1, g._show = !1, Fn(!1));
        return;
      } else
        g._show || (d = !1, g._show = !0, Fn(!1));
      let E = g.side, T = E % 2, { min: C, max: D } = b, [F, z] = vu(w, C, D, T == 0 ? Q : H);
      if (z == 0)
        return;
      let W = b.distr == 2, Z = g._splits = g.splits(l, w, C, D, F, z, W), se = b.distr == 2 ? Z.map((K) => yt[K]) : Z, le = b.distr == 2 ? yt[Z[1]] - yt[Z[0]] : F, ee = g._values = g.values(l, g.filter(l, se, w, z, le), w, z, le);
      g._rotate = E == 2 ? g.rotate(l, ee, w, z) : 0;
      let J = g._size;
      g._size = wt(g.size(l, ee, w, c)), J != null && g._size != J && (d = !1);
    }), d;
  }
  function yu(c) {
    let d = !0;
    return wi.forEach((g, w) => {
      let b = g(l, w, dn, c);
      b != Yt[w] && (d = !1), Yt[w] = b;
    }), d;
  }
  function ku() {
    for (let c = 0; c < x.length; c++) {
      let d = x[c];
      if (!d.show || !d._show)
        continue;
      let g = d.side, w = g % 2, b, E, T = d.stroke(l, c), C = g == 0 || g == 3 ? -1 : 1, [D, F] = d._found;
      if (d.label != null) {
        let Ke = d.labelGap * C, it = Pe((d._lpos + Ke) * ie);
        yi(d.labelFont[0], T, "center", g == 2 ? yl : io), p.save(), w == 1 ? (b = E = 0, p.translate(
          it,
          Pe(dt + bt / 2)
        ), p.rotate((g == 3 ? -nr : nr) / 2)) : (b = Pe(lt + et / 2), E = it);
        let gn = Ua(d.label) ? d.label(l, c, D, F) : d.label;
        p.fillText(gn, b, E), p.restore();
      }
      if (F == 0)
        continue;
      let z = k[d.scale], W = w == 0 ? et : bt, Z = w == 0 ? lt : dt, se = d._splits, le = z.distr == 2 ? se.map((Ke) => yt[Ke]) : se, ee = z.distr == 2 ? yt[se[1]] - yt[se[0]] : D, J = d.ticks, K = d.border, we = J.show ? J.size : 0, Se = Pe(we * ie), Ve = Pe((d.alignTo == 2 ? d._size - we - d.gap : d.gap) * ie), ue = d._rotate * -nr / 180, Ne = S(d._pos * ie), rt = (Se + Ve) * C, Ye = Ne + rt;
      E = w == 0 ? Ye : 0, b = w == 1 ? Ye : 0;
      let gt = d.font[0], kt = d.align == 1 ? Yn : d.align == 2 ? Xr : ue > 0 ? Yn : ue < 0 ? Xr : w == 0 ? "center" : g == 3 ? Xr : Yn, Pt = ue || w == 1 ? "middle" : g == 2 ? yl : io;
      yi(gt, T, kt, Pt);
      let st = d.font[1] * d.lineGap, mt = se.map((Ke) => S(o(Ke, z, W, Z))), Et = d._values;
      for (let Ke = 0; Ke < Et.length; Ke++) {
        let it = Et[Ke];
        if (it != null) {
          w == 0 ? b = mt[Ke] : E = mt[Ke], it = "" + it;
          let gn = it.indexOf(`
`) == -1 ? [it] : it.split(/\n/gm);
          for (let Je = 0; Je < gn.length; Je++) {
            let qi = gn[Je];
            ue ? (p.save(), p.translate(b, E + Je * st), p.rotate(ue), p.fillText(qi, 0, 0), p.restore()) : p.fillText(qi, b, E + Je * st);
          }
        }
      }
      J.show && Vr(
        mt,
        J.filter(l, le, c, F, ee),
        w,
        g,
        Ne,
        Se,
        de(J.width * ie, 3),
        J.stroke(l, c),
        J.dash,
        J.cap
      );
      let At = d.grid;
      At.show && Vr(
        mt,
        At.filter(l, le, c, F, ee),
        w,
        w == 0 ? 2 : 1,
        w == 0 ? dt : lt,
        w == 0 ? bt : et,
        de(At.width * ie, 3),
        At.stroke(l, c),
        At.dash,
        At.cap
      ), K.show && Vr(
        [Ne],
        [1],
        w == 0 ? 1 : 0,
        w == 0 ? 1 : 2,
        w == 1 ? dt : lt,
        w == 1 ? bt : et,
        de(K.width * ie, 3),
        K.stroke(l, c),
        K.dash,
        K.cap
      );
    }
    ze("drawAxes");
  }
  function Fn(c) {
    v.forEach((d, g) => {
      g > 0 && (d._paths = null, c && (r == 1 ? (d.min = null, d.max = null) : d.facets.forEach((w) => {
        w.min = null, w.max = null;
      })));
    });
  }
  let Gl = !1, Hr = !1, gl = [];
  function Eu() {
    Hr = !1;
    for (let c = 0; c < gl.length; c++)
      ze(...gl[c]);
    gl.length = 0;
  }
  function zn() {
    Gl || (Kf(Ni), Gl = !0);
  }
  function xu(c, d = !1) {
    Gl = !0, Hr = d, c(l), Ni(), d && gl.length > 0 && queueMicrotask(Eu);
  }
  l.batch = xu;
  function Ni() {
    if (Or && (gu(), Or = !1), Pn && (au(), Pn = !1), zl) {
      if (ve(m, Yn, ge), ve(m, yl, Le), ve(m, xl, Q), ve(m, Sl, H), ve(y, Yn, ge), ve(y, yl, Le), ve(y, xl, Q), ve(y, Sl, H), ve(_, xl, Ht), ve(_, Sl, on), f.width = Pe(Ht * ie), f.height = Pe(on * ie), x.forEach(({ _el: c, _show: d, _size: g, _pos: w, side: b }) => {
        if (c != null)
          if (d) {
            let E = b === 3 || b === 0 ? g : 0, T = b % 2 == 1;
            ve(c, T ? "left" : "top", w - E), ve(c, T ? "width" : "height", g), ve(c, T ? "top" : "left", T ? Le : ge), ve(c, T ? "height" : "width", T ? H : Q), xs(c, wn);
          } else
            ot(c, wn);
      }), Wl = jn = Lr = Ar = Ir = Dr = Rr = jr = Pr = null, tt = 1, wl(!0), ge != Ln || Le != an || Q != Ot || H != cn) {
        Fn(!1);
        let c = Q / Ot, d = H / cn;
        if (Ge && !un && Y.left >= 0) {
          Y.left *= c, Y.top *= d, Vn && It(Vn, Pe(Y.left), 0, Q, H), Hn && It(Hn, 0, Pe(Y.top), Q, H);
          for (let g = 0; g < pt.length; g++) {
            let w = pt[g];
            w != null && (Dn[g] *= c, Rn[g] *= d, It(w, wt(Dn[g]), wt(Rn[g]), Q, H));
          }
        }
        if (_e.show && !Vl && _e.left >= 0 && _e.width > 0) {
          _e.left *= c, _e.width *= c, _e.top *= d, _e.height *= d;
          for (let g in Yr)
            ve(Bn, g, _e[g]);
        }
        Ln = ge, an = Le, Ot = Q, cn = H;
      }
      ze("setSize"), zl = !1;
    }
    Ht > 0 && on > 0 && (p.clearRect(0, 0, f.width, f.height), ze("drawClear"), I.forEach((c) => c()), ze("draw")), _e.show && Vl && (Ul(_e), Vl = !1), Ge && un && (pn(null, !0, !1), un = !1), X.show && X.live && ht && (Gr(), ht = !1), u || (u = !0, l.status = 1, ze("ready")), pl = !1, Gl = !1;
  }
  l.redraw = (c, d) => {
    Pn = d || !1, c !== !1 ? Jt($, O.min, O.max) : zn();
  };
  function Wr(c, d) {
    let g = k[c];
    if (g.from == null) {
      if (He == 0) {
        let w = g.range(l, d.min, d.max, c);
        d.min = w[0], d.max = w[1];
      }
      if (d.min > d.max) {
        let w = d.min;
        d.min = d.max, d.max = w;
      }
      if (He > 1 && d.min != null && d.max != null && d.max - d.min < 1e-16)
        return;
      c == $ && g.distr == 2 && He > 0 && (d.min = St(d.min, t[0]), d.max = St(d.max, t[0]), d.min == d.max && d.max++), A[c] = d, Or = !0, zn();
    }
  }
  l.setScale = Wr;
  let qr, Br, Vn, Hn, Mi, Ti, Wn, qn, Oi, $i, me, ke, Kt = !1;
  const We = Y.drag;
  let je = We.x, Fe = We.y;
  Ge && (Y.x && (qr = _t(vf, y)), Y.y && (Br = _t(bf, y)), O.ori == 0 ? (Vn = qr, Hn = Br) : (Vn = Br, Hn = qr), me = Y.left, ke = Y.top);
  const _e = l.select = $e({
    show: !0,
    over: !0,
    left: 0,
    width: 0,
    top: 0,
    height: 0
  }, e.select), Bn = _e.show ? _t(wf, _e.over ? y : m) : null;
  function Ul(c, d) {
    if (_e.show) {
      for (let g in c)
        _e[g] = c[g], g in Yr && ve(Bn, g, c[g]);
      d !== !1 && ze("setSelect");
    }
  }
  l.setSelect = Ul;
  function Su(c) {
    if (v[c].show)
      Ce && xs(Ee[c], wn);
    else if (Ce && ot(Ee[c], wn), Ge) {
      let g = In ? pt[0] : pt[c];
      g != null && It(g, -10, -10, Q, H);
    }
  }
  function Jt(c, d, g) {
    Wr(c, { min: d, max: g });
  }
  function Ct(c, d, g, w) {
    d.focus != null && $u(c), d.show != null && v.forEach((b, E) => {
      E > 0 && (c == E || c == null) && (b.show = d.show, Su(E), r == 2 ? (Jt(b.facets[0].scale, null, null), Jt(b.facets[1].scale, null, null)) : Jt(b.scale, null, null), zn());
    }), g !== !1 && ze("setSeries", c, d), w && vl("setSeries", l, c, d);
  }
  l.setSeries = Ct;
  function Nu(c, d) {
    $e(P[c], d);
  }
  function Mu(c, d) {
    c.fill = te(c.fill || null), c.dir = re(c.dir, -1), d = d ?? P.length, P.splice(d, 0, c);
  }
  function Tu(c) {
    c == null ? P.length = 0 : P.splice(c, 1);
  }
  l.addBand = Mu, l.setBand = Nu, l.delBand = Tu;
  function Ou(c, d) {
    v[c].alpha = d, Ge && pt[c] != null && (pt[c].style.opacity = d), Ce && Ee[c] && (Ee[c].style.opacity = d);
  }
  let Wt, Zt, hn;
  const Gn = { focus: !0 };
  function $u(c) {
    if (c != hn) {
      let d = c == null, g = $t.alpha != 1;
      v.forEach((w, b) => {
        if (r == 1 || b > 0) {
          let E = d || b == 0 || b == c;
          w._focus = d ? null : E, g && Ou(b, E ? 1 : $t.alpha);
        }
      }), hn = c, g && zn();
    }
  }
  Ce && An && Ue(uo, oe, (c) => {
    Y._lock || (fn(c), hn != null && Ct(null, Gn, !0, Oe.setSeries));
  });
  function Lt(c, d, g) {
    let w = k[d];
    g && (c = c / ie - (w.ori == 1 ? Le : ge));
    let b = Q;
    w.ori == 1 && (b = H, c = b - c), w.dir == -1 && (c = b - c);
    let E = w._min, T = w._max, C = c / b, D = E + (T - E) * C, F = w.distr;
    return F == 3 ? nl(10, D) : F == 4 ? Rf(D, w.asinh) : F == 100 ? w.bwd(D) : D;
  }
  function Cu(c, d) {
    let g = Lt(c, $, d);
    return St(g, t[0], De, Re);
  }
  l.valToIdx = (c) => St(c, t[0]), l.posToIdx = Cu, l.posToVal = Lt, l.valToPos = (c, d, g) => k[d].ori == 0 ? s(
    c,
    k[d],
    g ? et : Q,
    g ? lt : 0
  ) : i(
    c,
    k[d],
    g ? bt : H,
    g ? dt : 0
  ), l.setCursor = (c, d, g) => {
    me = c.left, ke = c.top, pn(null, d, g);
  };
  function Ci(c, d) {
    ve(Bn, Yn, _e.left = c), ve(Bn, xl, _e.width = d);
  }
  function Li(c, d) {
    ve(Bn, yl, _e.top = c), ve(Bn, Sl, _e.height = d);
  }
  let ml = O.ori == 0 ? Ci : Li, _l = O.ori == 1 ? Ci : Li;
  function Lu() {
    if (Ce && X.live)
      for (let c = r == 2 ? 1 : 0; c < v.length; c++) {
        if (c == 0 && ft)
          continue;
        let d = X.values[c], g = 0;
        for (let w in d)
          Tt[c][g++].firstChild.nodeValue = d[w];
      }
  }
  function Gr(c, d) {
    if (c != null && (c.idxs ? c.idxs.forEach((g, w) => {
      ce[w] = g;
    }) : Vf(c.idx) || ce.fill(c.idx), X.idx = ce[0]), Ce && X.live) {
      for (let g = 0; g < v.length; g++)
        (g > 0 || r == 1 && !ft) && Pu(g, ce[g]);
      Lu();
    }
    ht = !1, d !== !1 && ze("setLegend");
  }
  l.setLegend = Gr;
  function Pu(c, d) {
    let g = v[c], w = c == 0 && R == 2 ? yt : t[c], b;
    ft ? b = g.values(l, c, d) ?? Ut : (b = g.value(l, d == null ? null : w[d], c, d), b = b == null ? Ut : { _: b }), X.values[c] = b;
  }
  function pn(c, d, g) {
    Oi = me, $i = ke, [me, ke] = Y.move(l, me, ke), Y.left = me, Y.top = ke, Ge && (Vn && It(Vn, Pe(me), 0, Q, H), Hn && It(Hn, 0, Pe(ke), Q, H));
    let w, b = De > Re;
    Wt = fe, Zt = null;
    let E = O.ori == 0 ? Q : H, T = O.ori == 1 ? Q : H;
    if (me < 0 || He == 0 || b) {
      w = Y.idx = null;
      for (let C = 0; C < v.length; C++) {
        let D = pt[C];
        D != null && It(D, -10, -10, Q, H);
      }
      An && Ct(null, Gn, !0, c == null && Oe.setSeries), X.live && (ce.fill(w), ht = !0);
    } else {
      let C, D, F;
      r == 1 && (C = O.ori == 0 ? me : ke, D = Lt(C, $), w = Y.idx = St(D, t[0], De, Re), F = L(t[0][w], O, E, 0));
      let z = -10, W = -10, Z = 0, se = 0, le = !0, ee = "", J = "";
      for (let K = r == 2 ? 1 : 0; K < v.length; K++) {
        let we = v[K], Se = ce[K], Ve = Se == null ? null : r == 1 ? t[K][Se] : t[K][1][Se], ue = Y.dataIdx(l, K, w, D), Ne = ue == null ? null : r == 1 ? t[K][ue] : t[K][1][ue];
        if (ht = ht || Ne != Ve || ue != Se, ce[K] = ue, K > 0 && we.show) {
          let rt = ue == null ? -10 : ue == w ? F : L(r == 1 ? t[0][ue] : t[K][0][ue], O, E, 0), Ye = Ne == null ? -10 : j(Ne, r == 1 ? k[we.scale] : k[we.facets[1].scale], T, 0);
          if (An && Ne != null) {
            let gt = O.ori == 1 ? me : ke, kt = Ae($t.dist(l, K, ue, Ye, gt));
            if (kt < Wt) {
              let Pt = $t.bias;
              if (Pt != 0) {
                let st = Lt(gt, we.scale), mt = Ne >= 0 ? 1 : -1, Et = st >= 0 ? 1 : -1;
                Et == mt && (Et == 1 ? Pt == 1 ? Ne >= st : Ne <= st : (
                  // >= 0
                  Pt == 1 ? Ne <= st : Ne >= st
                )) && (Wt = kt, Zt = K);
              } else
                Wt = kt, Zt = K;
            }
          }
          if (ht || In) {
            let gt, kt;
            O.ori == 0 ? (gt = rt, kt = Ye) : (gt = Ye, kt = rt);
            let Pt, st, mt, Et, At, Ke, it = !0, gn = Be.bbox;
            if (gn != null) {
              it = !1;
              let Je = gn(l, K);
              mt = Je.left, Et = Je.top, Pt = Je.width, st = Je.height;
            } else
              mt = gt, Et = kt, Pt = st = Be.size(l, K);
            if (Ke = Be.fill(l, K), At = Be.stroke(l, K), In)
              K == Zt && Wt <= $t.prox && (z = mt, W = Et, Z = Pt, se = st, le = it, ee = Ke, J = At);
            else {
              let Je = pt[K];
              Je != null && (Dn[K] = mt, Rn[K] = Et, wo(Je, Pt, st, it), mo(Je, Ke, At), It(Je, wt(mt), wt(Et), Q, H));
            }
          }
        }
      }
      if (In) {
        let K = $t.prox, we = hn == null ? Wt <= K : Wt > K || Zt != hn;
        if (ht || we) {
          let Se = pt[0];
          Se != null && (Dn[0] = z, Rn[0] = W, wo(Se, Z, se, le), mo(Se, ee, J), It(Se, wt(z), wt(W), Q, H));
        }
      }
    }
    if (_e.show && Kt)
      if (c != null) {
        let [C, D] = Oe.scales, [F, z] = Oe.match, [W, Z] = c.cursor.sync.scales, se = c.cursor.drag;
        if (je = se._x, Fe = se._y, je || Fe) {
          let { left: le, top: ee, width: J, height: K } = c.select, we = c.scales[W].ori, Se = c.posToVal, Ve, ue, Ne, rt, Ye, gt = C != null && F(C, W), kt = D != null && z(D, Z);
          gt && je ? (we == 0 ? (Ve = le, ue = J) : (Ve = ee, ue = K), Ne = k[C], rt = L(Se(Ve, W), Ne, E, 0), Ye = L(Se(Ve + ue, W), Ne, E, 0), ml(Nt(rt, Ye), Ae(Ye - rt))) : ml(0, E), kt && Fe ? (we == 1 ? (Ve = le, ue = J) : (Ve = ee, ue = K), Ne = k[D], rt = j(Se(Ve, Z), Ne, T, 0), Ye = j(Se(Ve + ue, Z), Ne, T, 0), _l(Nt(rt, Ye), Ae(Ye - rt))) : _l(0, T);
        } else
          Kr();
      } else {
        let C = Ae(Oi - Mi), D = Ae($i - Ti);
        if (O.ori == 1) {
          let Z = C;
          C = D, D = Z;
        }
        je = We.x && C >= We.dist, Fe = We.y && D >= We.dist;
        let F = We.uni;
        F != null ? je && Fe && (je = C >= F, Fe = D >= F, !je && !Fe && (D > C ? Fe = !0 : je = !0)) : We.x && We.y && (je || Fe) && (je = Fe = !0);
        let z, W;
        je && (O.ori == 0 ? (z = Wn, W = me) : (z = qn, W = ke), ml(Nt(z, W), Ae(W - z)), Fe || _l(0, T)), Fe && (O.ori == 1 ? (z = Wn, W = me) : (z = qn, W = ke), _l(Nt(z, W), Ae(W - z)), je || ml(0, E)), !je && !Fe && (ml(0, 0), _l(0, 0));
      }
    if (We._x = je, We._y = Fe, c == null) {
      if (g) {
        if (Wi != null) {
          let [C, D] = Oe.scales;
          Oe.values[0] = C != null ? Lt(O.ori == 0 ? me : ke, C) : null, Oe.values[1] = D != null ? Lt(O.ori == 1 ? me : ke, D) : null;
        }
        vl(es, l, me, ke, Q, H, w);
      }
      if (An) {
        let C = g && Oe.setSeries, D = $t.prox;
        hn == null ? Wt <= D && Ct(Zt, Gn, !0, C) : Wt > D ? Ct(null, Gn, !0, C) : Zt != hn && Ct(Zt, Gn, !0, C);
      }
    }
    ht && (X.idx = w, Gr()), d !== !1 && ze("setCursor");
  }
  let Qt = null;
  Object.defineProperty(l, "rect", {
    get() {
      return Qt == null && wl(!1), Qt;
    }
  });
  function wl(c = !1) {
    c ? Qt = null : (Qt = y.getBoundingClientRect(), ze("syncRect", Qt));
  }
  function Pi(c, d, g, w, b, E, T) {
    Y._lock || Kt && c != null && c.movementX == 0 && c.movementY == 0 || (Ur(c, d, g, w, b, E, T, !1, c != null), c != null ? pn(null, !0, !0) : pn(d, !0, !1));
  }
  function Ur(c, d, g, w, b, E, T, C, D) {
    if (Qt == null && wl(!1), fn(c), c != null)
      g = c.clientX - Qt.left, w = c.clientY - Qt.top;
    else {
      if (g < 0 || w < 0) {
        me = -10, ke = -10;
        return;
      }
      let [F, z] = Oe.scales, W = d.cursor.sync, [Z, se] = W.values, [le, ee] = W.scales, [J, K] = Oe.match, we = d.axes[0].side % 2 == 1, Se = O.ori == 0 ? Q : H, Ve = O.ori == 1 ? Q : H, ue = we ? E : b, Ne = we ? b : E, rt = we ? w : g, Ye = we ? g : w;
      if (le != null ? g = J(F, le) ? o(Z, k[F], Se, 0) : -10 : g = Se * (rt / ue), ee != null ? w = K(z, ee) ? o(se, k[z], Ve, 0) : -10 : w = Ve * (Ye / Ne), O.ori == 1) {
        let gt = g;
        g = w, w = gt;
      }
    }
    D && (d == null || d.cursor.event.type == es) && ((g <= 1 || g >= Q - 1) && (g = mn(g, Q)), (w <= 1 || w >= H - 1) && (w = mn(w, H))), C ? (Mi = g, Ti = w, [Wn, qn] = Y.move(l, g, w)) : (me = g, ke = w);
  }
  const Yr = {
    width: 0,
    height: 0,
    left: 0,
    top: 0
  };
  function Kr() {
    Ul(Yr, !1);
  }
  let Ai, Ii, Di, Ri;
  function ji(c, d, g, w, b, E, T) {
    Kt = !0, je = Fe = We._x = We._y = !1, Ur(c, d, g, w, b, E, T, !0, !1), c != null && (Ue(ts, ks, Fi, !1), vl(ao, l, Wn, qn, Q, H, null));
    let { left: C, top: D, width: F, height: z } = _e;
    Ai = C, Ii = D, Di = F, Ri = z;
  }
  function Fi(c, d, g, w, b, E, T) {
    Kt = We._x = We._y = !1, Ur(c, d, g, w, b, E, T, !1, !0);
    let { left: C, top: D, width: F, height: z } = _e, W = F > 0 || z > 0, Z = Ai != C || Ii != D || Di != F || Ri != z;
    if (W && Z && Ul(_e), We.setScale && W && Z) {
      let se = C, le = F, ee = D, J = z;
      if (O.ori == 1 && (se = D, le = z, ee = C, J = F), je && Jt(
        $,
        Lt(se, $),
        Lt(se + le, $)
      ), Fe)
        for (let K in k) {
          let we = k[K];
          K != $ && we.from == null && we.min != fe && Jt(
            K,
            Lt(ee + J, K),
            Lt(ee, K)
          );
        }
      Kr();
    } else Y.lock && (Y._lock = !Y._lock, pn(d, !0, c != null));
    c != null && (Cn(ts, ks), vl(ts, l, me, ke, Q, H, null));
  }
  function Au(c, d, g, w, b, E, T) {
    if (Y._lock)
      return;
    fn(c);
    let C = Kt;
    if (Kt) {
      let D = !0, F = !0, z = 10, W, Z;
      O.ori == 0 ? (W = je, Z = Fe) : (W = Fe, Z = je), W && Z && (D = me <= z || me >= Q - z, F = ke <= z || ke >= H - z), W && D && (me = me < Wn ? 0 : Q), Z && F && (ke = ke < qn ? 0 : H), pn(null, !0, !0), Kt = !1;
    }
    me = -10, ke = -10, ce.fill(null), pn(null, !0, !0), C && (Kt = C);
  }
  function zi(c, d, g, w, b, E, T) {
    Y._lock || (fn(c), Cr(), Kr(), c != null && vl(fo, l, me, ke, Q, H, null));
  }
  function Vi() {
    x.forEach(lh), $r(l.width, l.height, !0);
  }
  yn(or, Xn, Vi);
  const Un = {};
  Un.mousedown = ji, Un.mousemove = Pi, Un.mouseup = Fi, Un.dblclick = zi, Un.setSeries = (c, d, g, w) => {
    let b = Oe.match[2];
    g = b(l, d, g), g != -1 && Ct(g, w, !0, !1);
  }, Ge && (Ue(ao, y, ji), Ue(es, y, Pi), Ue(co, y, (c) => {
    fn(c), wl(!1);
  }), Ue(uo, y, Au), Ue(fo, y, zi), $s.add(l), l.syncRect = wl);
  const Yl = l.hooks = e.hooks || {};
  function ze(c, d, g) {
    Hr ? gl.push([c, d, g]) : c in Yl && Yl[c].forEach((w) => {
      w.call(null, l, d, g);
    });
  }
  (e.plugins || []).forEach((c) => {
    for (let d in c.hooks)
      Yl[d] = (Yl[d] || []).concat(c.hooks[d]);
  });
  const Hi = (c, d, g) => g, Oe = $e({
    key: null,
    setSeries: !1,
    filters: {
      pub: Eo,
      sub: Eo
    },
    scales: [$, v[1] ? v[1].scale : null],
    match: [xo, xo, Hi],
    values: [null, null]
  }, Y.sync);
  Oe.match.length == 2 && Oe.match.push(Hi), Y.sync = Oe;
  const Wi = Oe.key, Jr = _c(Wi);
  function vl(c, d, g, w, b, E, T) {
    Oe.filters.pub(c, d, g, w, b, E, T) && Jr.pub(c, d, g, w, b, E, T);
  }
  Jr.sub(l);
  function Iu(c, d, g, w, b, E, T) {
    Oe.filters.sub(c, d, g, w, b, E, T) && Un[c](null, d, g, w, b, E, T);
  }
  l.pub = Iu;
  function Du() {
    Jr.unsub(l), $s.delete(l), sn.clear(), Ss(or, Xn, Vi), a.remove(), oe?.remove(), ze("destroy");
  }
  l.destroy = Du;
  function Zr() {
    ze("init", e, t), vi(t || e.data, !1), A[$] ? Wr($, A[$]) : Cr(), Vl = _e.show && (_e.width > 0 || _e.height > 0), un = ht = !0, $r(e.width, e.height);
  }
  return v.forEach(_i), x.forEach(pu), n ? n instanceof HTMLElement ? (n.appendChild(a), Zr()) : n(l, Zr) : Zr(), l;
}
qe.assign = $e;
qe.fmtNum = Qs;
qe.rangeNum = ar;
qe.rangeLog = vr;
qe.rangeAsinh = Js;
qe.orient = Mn;
qe.pxRatio = ie;
qe.join = Yf;
qe.fmtDate = ei, qe.tzDate = sd;
qe.sync = _c;
{
  qe.addGap = Vd, qe.clipGaps = kr;
  let e = qe.paths = {
    points: Ec
  };
  e.linear = Sc, e.stepped = qd, e.bars = Bd, e.spline = Ud;
}
const rn = "–";
function el(e) {
  if (e == null || !Number.isFinite(e)) return rn;
  const t = Math.abs(e);
  if (t === 0) return "0";
  for (const [n, l] of [["G", 1e9], ["M", 1e6], ["k", 1e3]])
    if (t >= l * 0.9995) return il(e / l) + n;
  return il(e);
}
function il(e) {
  const t = Math.abs(e);
  return t >= 9.95 ? e.toFixed(0) : t >= 0.95 ? e.toFixed(1).replace(/\.0$/, "") : String(Number(e.toPrecision(2)));
}
function Sn(e) {
  return e == null ? rn : `${el(e)}/s`;
}
function Qe(e) {
  return e == null || !Number.isFinite(e) ? rn : e > 0 && e < 95e-4 ? `${il(e * 1e3)} µs` : e < 999.5 ? `${il(e)} ms` : ur(e / 1e3);
}
function ur(e) {
  if (e == null || !Number.isFinite(e)) return rn;
  if (e < 0.9995) return e <= 0 ? "0 s" : Qe(e * 1e3);
  if (e < 59.5) return `${il(e)} s`;
  const t = Math.round(e);
  return t < 3600 ? is(Math.floor(t / 60), "min", t % 60, "s") : t < 86400 ? is(Math.floor(t / 3600), "h", Math.floor(t % 3600 / 60), "min") : is(Math.floor(t / 86400), "d", Math.floor(t % 86400 / 3600), "h");
}
function is(e, t, n, l) {
  return n ? `${e} ${t} ${n} ${l}` : `${e} ${t}`;
}
function fr(e) {
  if (e == null || !Number.isFinite(e)) return rn;
  const t = ["B", "kB", "MB", "GB", "TB"];
  let n = e, l = 0;
  for (; n >= 999.5 && l < t.length - 1; )
    n /= 1e3, l += 1;
  return `${l === 0 ? n : il(n)} ${t[l]}`;
}
function Gt(e, t = !1) {
  if (e == null || !Number.isFinite(e)) return rn;
  const n = new Date(e * 1e3);
  return [n.getHours(), n.getMinutes(), n.getSeconds()].map((r) => String(r).padStart(2, "0")).join(":") + (t ? `.${String(n.getMilliseconds()).padStart(3, "0")}` : "");
}
function tl(e, t, n = `${t}s`) {
  return `${e} ${e === 1 ? t : n}`;
}
function rh(e, t) {
  const { min: n, max: l } = e.scales.x ?? {}, r = n == null || l == null ? [] : t.filter((i) => i.time >= n && i.time <= l), s = [...e.over.querySelectorAll(".ks-mark")];
  r.forEach((i, o) => {
    const u = s[o] ?? e.over.appendChild(sh(e.over.ownerDocument)), a = e.valToPos(i.time, "x");
    u.style.transform = `translateX(${a.toFixed(1)}px)`, u.classList.toggle("ks-left", a > e.over.clientWidth - 30);
    const f = u.firstElementChild;
    f.textContent = `r${i.revision}`, f.title = `revision ${i.revision} at ${Gt(i.time)}${i.title ? `: ${i.title}` : ""}`;
  });
  for (const i of s.slice(r.length)) i.remove();
}
function sh(e) {
  const t = e.createElement("div");
  return t.className = "ks-mark", t.appendChild(e.createElement("span")), t;
}
const Oc = [
  {
    name: "throughput",
    title: "Throughput",
    lines: [{ column: "requests", label: "requests", colour: "1" }],
    format: Sn,
    filled: !0
  },
  {
    name: "latency",
    title: "Latency",
    lines: [
      { column: "p50", label: "p50", colour: "1" },
      { column: "p95", label: "p95", colour: "2", dash: [7, 3] },
      { column: "p99", label: "p99", colour: "3", dash: [2, 3] }
    ],
    format: Qe,
    logarithmic: !0
  },
  {
    name: "errors",
    title: "Errors",
    lines: [{ column: "errors", label: "errors", colour: "3" }],
    format: Sn,
    filled: !0
  },
  {
    name: "queue",
    title: "Queue and ongoing",
    lines: [
      { column: "queued", label: "queued", colour: "2", dash: [7, 3] },
      { column: "ongoing", label: "ongoing", colour: "1" }
    ],
    format: el,
    whole: !0
  },
  { name: "batch", title: "Batch size", lines: [{ column: "batch", label: "items", colour: "4" }], format: el },
  {
    name: "replicas",
    title: "Replicas",
    lines: [{ column: "replicas", label: "running", colour: "4" }],
    format: el,
    stepped: !0,
    whole: !0
  }
];
function $c(e) {
  return e.findLast((t) => t !== null) ?? null;
}
const ih = 150;
function oh(e, t, n, l) {
  return {
    width: t,
    height: ih,
    padding: [10, 8, 0, 0],
    pxAlign: 0,
    legend: { show: !0, live: !0, markers: { show: !1 } },
    cursor: {
      sync: { key: l.syncKey },
      drag: { x: !0, y: !1, setScale: !1 },
      points: { size: 6 },
      bind: { dblclick: () => () => (l.onZoom(null), null) }
    },
    scales: {
      x: { time: !0, range: () => [l.range().min, l.range().max] },
      y: n ? { distr: 3, range: hh } : { range: (r, s, i) => [0, dh(i)] }
    },
    axes: ch(e, l),
    series: [{ label: "time", value: (r, s) => s == null ? "latest" : Gt(s) }, ...uh(e, n, l)],
    hooks: {
      draw: [l.onDraw],
      setSelect: [(r) => {
        if (r.select.width < 4) return;
        const s = { min: r.posToVal(r.select.left, "x"), max: r.posToVal(r.select.left + r.select.width, "x") };
        r.setSelect({ left: 0, top: 0, width: 0, height: 0 }, !1), l.onZoom(s);
      }]
    }
  };
}
const ah = [1, 2, 5].flatMap((e) => [0, 1, 2, 3, 4, 5, 6].map((t) => e * 10 ** t)).sort((e, t) => e - t);
function ch(e, t) {
  const n = {
    stroke: () => t.colours().text,
    font: "11px system-ui, sans-serif",
    grid: { stroke: () => t.colours().grid, width: 1 },
    ticks: { show: !1 }
  };
  return [
    { ...n, size: 24, space: 74, values: (l, r) => r.map((s) => s % 60 === 0 ? Gt(s).slice(0, 5) : Gt(s)) },
    { ...n, size: 58, space: 28, incrs: e.whole ? ah : void 0, values: (l, r) => r.map((s) => s === null ? "" : e.format(s)) }
  ];
}
function uh(e, t, n) {
  return e.lines.map((l) => ({
    label: l.label,
    stroke: () => n.colours().line(l.colour),
    fill: e.filled && !t ? () => `${n.colours().line(l.colour)}22` : void 0,
    width: 1.6,
    dash: l.dash,
    points: { show: !1, size: 5, filter: (r, s) => fh(r.data[s] ?? []) },
    paths: e.stepped ? qe.paths.stepped?.({ align: 1 }) : void 0,
    // Without a cursor the legend tells the latest value.
    value: (r, s, i, o) => e.format(o == null ? $c(r.data[i] ?? []) : s)
  }));
}
function fh(e) {
  const t = [];
  for (let n = 0; n < e.length; n += 1)
    e[n] != null && e[n - 1] == null && e[n + 1] == null && t.push(n);
  return t.length > 0 ? t : null;
}
function dh(e) {
  return e === null || e <= 0 ? 1 : e * 1.12;
}
function hh(e, t, n) {
  if (t === null || n === null || n <= 0) return [0.1, 1e3];
  const l = 10 ** Math.floor(Math.log10(Math.max(t, 0.01)));
  return [l, Math.max(l * 10, 10 ** Math.ceil(Math.log10(n)))];
}
function Go(e) {
  const t = getComputedStyle(e), n = (l, r) => t.getPropertyValue(l).trim() || r;
  return {
    line: (l) => n(`--ks-line-${l}`, "#0072b2"),
    text: t.color || "#333",
    grid: n("--ks-grid", "#8883")
  };
}
function ph(e) {
  const t = new MutationObserver(e);
  for (const l of [document.documentElement, document.body])
    t.observe(l, {
      attributes: !0,
      attributeFilter: ["class", "style", "data-jp-theme-light", "data-jp-theme-name", "data-vscode-theme-kind"]
    });
  const n = matchMedia("(prefers-color-scheme: dark)");
  return n.addEventListener("change", e), () => {
    t.disconnect(), n.removeEventListener("change", e);
  };
}
function gh(e) {
  const { kind: t, columns: n, marks: l, range: r, logarithmic: s } = e, [i, o] = Ha(), u = pe(null), a = pe(void 0), f = pe(e);
  return f.current = e, qs(() => {
    const p = u.current;
    if (!p || o === null) return;
    let _ = Go(p);
    const m = new qe(oh(t, o, s && !!t.logarithmic, {
      syncKey: f.current.syncKey,
      colours: () => _,
      range: () => f.current.range,
      onZoom: (N) => f.current.onZoom(N),
      onDraw: (N) => rh(N, f.current.marks)
    }), Uo(f.current.kind, f.current.columns, s), p);
    a.current = m;
    const y = ph(() => {
      _ = Go(p), m.redraw(!1);
    });
    return () => {
      y(), m.destroy(), a.current = void 0;
    };
  }, [t, s, o === null]), jt(() => {
    o !== null && a.current?.setSize({ width: o, height: a.current.height });
  }, [o]), jt(() => {
    a.current?.setData(Uo(t, n, s));
  }, [t, n, l, r, s]), /* @__PURE__ */ h("figure", { class: "ks-chart", "aria-label": `${t.title} over time`, children: [
    /* @__PURE__ */ h("figcaption", { children: [
      t.title,
      t.lines.length > 1 && /* @__PURE__ */ h("span", { class: "ks-keys", children: t.lines.map((p) => /* @__PURE__ */ h(mh, { line: p }, p.column)) })
    ] }),
    /* @__PURE__ */ h("div", { ref: i, children: /* @__PURE__ */ h("div", { ref: u }) })
  ] });
}
function Uo(e, t, n) {
  const l = (r) => n && e.logarithmic ? r.map((s) => s !== null && s > 0 ? s : null) : r;
  return [t.time, ...e.lines.map((r) => l(t[r.column]))];
}
function mh({ line: e }) {
  return /* @__PURE__ */ h("span", { class: "ks-key", children: [
    /* @__PURE__ */ h("svg", { width: "22", height: "8", "aria-hidden": "true", children: /* @__PURE__ */ h("line", { x1: "1", y1: "4", x2: "21", y2: "4", style: { stroke: `var(--ks-line-${e.colour})` }, "stroke-width": "2", "stroke-dasharray": e.dash?.join(" ") }) }),
    e.label
  ] });
}
const Ls = 900;
function _h() {
  return { time: [], requests: [], errors: [], p50: [], p95: [], p99: [], queued: [], ongoing: [], batch: [], replicas: [] };
}
class wh {
  #e = /* @__PURE__ */ new Map();
  #t = /* @__PURE__ */ new Map();
  add(t, n) {
    for (const l of t) {
      const r = Ko(this.#e, l.app, () => /* @__PURE__ */ new Map());
      Ko(r, l.deployment, () => /* @__PURE__ */ new Map()).set(l.time, l);
    }
    for (const l of n) this.#t.set(JSON.stringify([l.app, l.revision, l.time]), l);
  }
  /** Lets what is older than the window go, and apps that are not there any more. */
  prune(t, n) {
    for (const [l, r] of this.#e) {
      n.includes(l) || this.#e.delete(l);
      for (const [s, i] of r) {
        for (const o of i.keys()) o < t - Ls && i.delete(o);
        i.size === 0 && r.delete(s);
      }
    }
    for (const [l, r] of this.#t) r.time < t - Ls && this.#t.delete(l);
  }
  /** Deployments of `app` that have steps, by name; the whole app ("") is not among them. */
  deployments(t) {
    return [...this.#e.get(t)?.keys() ?? []].filter(Boolean).sort();
  }
  marks(t) {
    return [...this.#t.values()].filter((n) => n.app === t).sort((n, l) => n.time - l.time);
  }
  /** All values of one app or deployment up to `now`, with what was between the steps: nothing happened there. */
  columns(t, n, l) {
    const r = [...this.#e.get(t)?.get(n)?.values() ?? []].sort((o, u) => o.time - u.time), s = _h();
    let i;
    for (const o of r)
      i && Yo(s, i, o.time - o.seconds), Ps(s, o), i = o;
    return i && Yo(s, i, l, bh), s;
  }
}
const vh = 0.75, bh = 3;
function Yo(e, t, n, l = vh) {
  if (n - t.time <= l) return;
  const r = { requests: 0, errors: 0, p50: null, p95: null, p99: null, batch_size: null };
  Ps(e, { ...t, ...r, time: t.time + 1e-3 }), Ps(e, { ...t, ...r, time: n - 1e-3 });
}
function Ps(e, t) {
  const n = (l) => t.seconds > 0 ? l / t.seconds : 0;
  e.time.push(t.time), e.requests.push(n(t.requests)), e.errors.push(n(t.errors)), e.p50.push(t.p50), e.p95.push(t.p95), e.p99.push(t.p99), e.queued.push(t.queued), e.ongoing.push(t.ongoing), e.batch.push(t.batch_size), e.replicas.push(t.replicas);
}
function Ko(e, t, n) {
  let l = e.get(t);
  return l === void 0 && e.set(t, l = n()), l;
}
function yh({ app: e, deployment: t, columns: n, now: l }) {
  return /* @__PURE__ */ h("details", { class: "ks-last", children: [
    /* @__PURE__ */ h("summary", { children: "Last values as a table" }),
    /* @__PURE__ */ h("table", { class: "ks-table", children: [
      /* @__PURE__ */ h("caption", { children: [
        "Last values of ",
        t ? `${t} in ${e}` : e,
        " at ",
        Gt(l)
      ] }),
      /* @__PURE__ */ h("thead", { children: /* @__PURE__ */ h("tr", { children: [
        /* @__PURE__ */ h("th", { scope: "col", children: "what" }),
        /* @__PURE__ */ h("th", { scope: "col", children: "last" }),
        /* @__PURE__ */ h("th", { scope: "col", children: "highest" })
      ] }) }),
      /* @__PURE__ */ h("tbody", { children: Oc.flatMap((r) => r.lines.map((s) => {
        const i = n[s.column], o = r.lines.length > 1 ? `${r.title}: ${s.label}` : r.title;
        return /* @__PURE__ */ h("tr", { children: [
          /* @__PURE__ */ h("th", { scope: "row", children: o }),
          /* @__PURE__ */ h("td", { class: "ks-number", children: r.format($c(i)) }),
          /* @__PURE__ */ h("td", { class: "ks-number", children: r.format(kh(i)) })
        ] }, o);
      })) })
    ] })
  ] });
}
function kh(e) {
  return e.reduce((t, n) => n !== null && (t === null || n > t) ? n : t, null);
}
function Eh({ frame: e, client: t, live: n, visible: l }) {
  const r = Sh(e, t, n && l), [s, i] = xe(["", ""]), [o, u] = xe(!1), [a, f] = xe(!1), [p, _] = xe(null), m = _r(), y = pe({ now: e.time, version: r.version });
  !o && y.current.version !== r.version && (y.current = { now: e.time, version: r.version });
  const { now: N, version: S } = y.current, M = e.apps.includes(s[0]) ? s[0] : e.apps[0] ?? "", v = r.store.deployments(M).includes(s[1]) ? s[1] : "", x = Rt(() => r.store.columns(M, v, N), [r.store, M, v, N, S]), k = Rt(() => r.store.marks(M), [r.store, M, S]), P = Rt(() => p ?? xh(x.time[0], N), [p, x, N]);
  return M ? /* @__PURE__ */ h("section", { class: "ks-dashboard", "aria-label": `dashboard of ${M}`, children: [
    /* @__PURE__ */ h("div", { class: "ks-tools", children: [
      /* @__PURE__ */ h(Nh, { apps: e.apps, store: r.store, chosen: [M, v], onChoose: i }),
      /* @__PURE__ */ h(Gs, { paused: o, onChange: u }),
      /* @__PURE__ */ h(sf, { on: a, label: "Log latency", onChange: f }),
      p ? /* @__PURE__ */ h("button", { type: "button", class: "ks-button", onClick: () => _(null), children: "Show all" }) : /* @__PURE__ */ h("span", { class: "ks-muted ks-hint", children: "drag over a chart to zoom, double click to see all" })
    ] }),
    r.error && /* @__PURE__ */ h(zt, { children: r.error }),
    x.time.length === 0 && /* @__PURE__ */ h(ct, { children: "No calls in the last 15 minutes." }),
    /* @__PURE__ */ h("div", { class: "ks-charts", children: Oc.map(($) => /* @__PURE__ */ h(gh, { kind: $, columns: x, marks: k, range: P, logarithmic: a, syncKey: m, onZoom: _ }, $.name)) }),
    /* @__PURE__ */ h(yh, { app: M, deployment: v, columns: x, now: N })
  ] }) : /* @__PURE__ */ h(ct, { children: "No app is served. A cell that begins with %%serve serves one." });
}
function xh(e, t) {
  return { min: Math.max(t - Ls, Math.min(e ?? t, t - 120)), max: t };
}
function Sh(e, t, n) {
  const l = pe(void 0);
  l.current ??= new wh();
  const r = pe(void 0), s = pe(0);
  if (r.current !== e) {
    const f = r.current;
    (Math.floor(f?.time ?? 0) !== Math.floor(e.time) || f?.apps.length !== e.apps.length) && (s.current += 1), r.current = e, l.current.add(e.points, e.marks), l.current.prune(e.time, e.apps);
  }
  const [i, o] = Nn(t), u = e.apps.join(`
`);
  jt(() => {
    n && o({ kind: "history" });
  }, [n, u, o]);
  const a = pe(null);
  return i.answer && a.current !== i.answer && (a.current = i.answer, s.current += 1, l.current.add(i.answer.points, i.answer.marks), l.current.prune(e.time, e.apps)), { store: l.current, version: s.current, error: i.error };
}
function Nh({ apps: e, store: t, chosen: n, onChoose: l }) {
  return /* @__PURE__ */ h("label", { class: "ks-choice", children: [
    /* @__PURE__ */ h("span", { children: "Show" }),
    /* @__PURE__ */ h(
      "select",
      {
        class: "ks-input",
        value: JSON.stringify(n),
        onChange: (r) => l(JSON.parse(r.currentTarget.value)),
        children: e.map((r) => /* @__PURE__ */ h("optgroup", { label: r, children: [
          /* @__PURE__ */ h("option", { value: JSON.stringify([r, ""]), children: [
            "all of ",
            r
          ] }),
          t.deployments(r).map((s) => /* @__PURE__ */ h("option", { value: JSON.stringify([r, s]), children: s }, s))
        ] }, r))
      }
    )
  ] });
}
function Mh({ tabs: e, chosen: t, onChoose: n, label: l, children: r }) {
  const s = _r(), i = pe(null), o = (a) => {
    const f = e[(a + e.length) % e.length];
    f && (n(f.name), i.current?.querySelector(`[data-tab="${f.name}"]`)?.focus());
  };
  return /* @__PURE__ */ h(Ft, { children: [
    /* @__PURE__ */ h("div", { class: "ks-tabs", role: "tablist", "aria-label": l, ref: i, onKeyDown: (a) => {
      const f = e.findIndex((_) => _.name === t), p = { ArrowLeft: f - 1, ArrowRight: f + 1, Home: 0, End: e.length - 1 }[a.key];
      p !== void 0 && (a.preventDefault(), a.stopPropagation(), o(p));
    }, children: e.map((a) => /* @__PURE__ */ h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `${s}-${a.name}`,
        "data-tab": a.name,
        class: "ks-tab",
        "aria-selected": a.name === t,
        "aria-controls": `${s}-panel`,
        tabIndex: a.name === t ? 0 : -1,
        onClick: () => n(a.name),
        children: a.label
      },
      a.name
    )) }),
    /* @__PURE__ */ h("div", { class: "ks-tabpanel", role: "tabpanel", id: `${s}-panel`, "aria-labelledby": `${s}-${t}`, tabIndex: 0, children: r })
  ] });
}
const Th = {
  keep: "kept",
  patch: "patched",
  replace: "replaced",
  update: "updated",
  add: "added",
  remove: "removed"
};
function Cc(e) {
  return Th[e] ?? e;
}
function Al(e) {
  switch (e.state) {
    case "RUNNING":
      return "running";
    case "STOPPING":
      return "draining";
    case "STOPPED":
      return "stopped";
    case "STARTING":
    case "UPDATING":
    case "RECOVERING":
      return "starting";
    default:
      return "failed";
  }
}
function Il(e) {
  return e === "HEALTHY" || e === "RUNNING" ? "good" : e === "UNHEALTHY" || e === "DEPLOY_FAILED" ? "bad" : "busy";
}
function Dl(e) {
  return e.toLowerCase().replaceAll("_", " ");
}
function Oh(e) {
  const t = e.replicas.filter((n) => n.state === "RUNNING").length;
  return [
    `${e.name}, ${e.deployment_kind}, revision ${e.revision}`,
    Dl(e.status),
    e.stage || Cc(e.action),
    `${t} of ${tl(e.target, "replica")} running`,
    `${Sn(e.qps)}, median ${Qe(e.p50)}, 95th percentile ${Qe(e.p95)}`,
    `${e.queued} queued, ${e.ongoing} ongoing, ${Sn(e.errors)} errors`
  ].filter(Boolean).join("; ");
}
const $h = "and|as|assert|async|await|break|case|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|match|nonlocal|not|or|pass|raise|return|try|while|with|yield|None|True|False|self", Ch = new RegExp(
  [
    "(?<comment>#[^\\n]*)",
    `(?<string>\\b[rbfuRBFU]{0,2}(?:"""[\\s\\S]*?(?:"""|$)|'''[\\s\\S]*?(?:'''|$))|[rbfuRBFU]{0,2}(?:"(?:\\\\.|[^"\\\\\\n])*"?|'(?:\\\\.|[^'\\\\\\n])*'?))`,
    "(?<decorator>^[ \\t]*@[\\w.]+)",
    "(?<defined>(?<=\\b(?:def|class)[ \\t]+)\\w+)",
    `(?<keyword>\\b(?:${$h})\\b)`,
    "(?<number>\\b\\d[\\w.]*)"
  ].join("|"),
  "gm"
);
function Lh(e) {
  const t = [[]], n = (r, s) => {
    r.split(`
`).forEach((i, o) => {
      o > 0 && t.push([]), i && t.at(-1)?.push({ text: i, look: s });
    });
  };
  let l = 0;
  for (const r of e.matchAll(Ch)) {
    n(e.slice(l, r.index), "");
    const [s] = Object.entries(r.groups ?? {}).find(([, i]) => i !== void 0) ?? [""];
    n(r[0], s), l = r.index + r[0].length;
  }
  return n(e.slice(l), ""), t;
}
function Ph({ source: e, assumptions: t }) {
  const n = Rt(() => Lh(e.replace(/\n+$/, "")), [e]);
  return e.trim() ? /* @__PURE__ */ h(Ft, { children: [
    t.length > 0 && /* @__PURE__ */ h("ul", { class: "ks-assumptions", "aria-label": "taken for granted by the last plan", children: t.map((l) => /* @__PURE__ */ h("li", { children: l }, l)) }),
    /* @__PURE__ */ h("pre", { class: "ks-code", tabIndex: 0, "aria-label": "code of the live revision", children: /* @__PURE__ */ h("code", { children: n.map((l, r) => /* @__PURE__ */ h("span", { class: "ks-line", children: [
      /* @__PURE__ */ h("span", { class: "ks-line-number", "aria-hidden": "true", children: r + 1 }),
      /* @__PURE__ */ h("span", { children: [
        l.map((s, i) => s.look ? /* @__PURE__ */ h("span", { class: `ks-py-${s.look}`, children: s.text }, i) : s.text),
        `
`
      ] })
    ] }, r)) }) })
  ] }) : /* @__PURE__ */ h(ct, { children: "Its source is not known: it was not defined in a cell or a file." });
}
function os(e) {
  return e.control === "json" ? e.value === null || e.value === void 0 ? "" : JSON.stringify(e.value, null, 2) : e.value === null || e.value === void 0 ? "" : String(e.value);
}
function Ah(e, t) {
  if (t.trim() === "") return { value: null, error: "" };
  if (e.control === "json") return Ih(t);
  const n = Number(t);
  return Number.isFinite(n) ? { value: n, error: "" } : { value: void 0, error: `"${t}" is not a number.` };
}
function Ih(e) {
  try {
    return { value: JSON.parse(e), error: "" };
  } catch (t) {
    return { value: void 0, error: `This is not JSON: ${t.message}` };
  }
}
function Dh({ knob: e, node: t, client: n, live: l, onApplied: r }) {
  const [s, i] = xe(os(e)), [o, u] = xe(""), [a, f, p] = Nn(n), _ = _r(), m = os(e), y = pe(m);
  jt(() => {
    i((k) => k === y.current ? m : k), y.current = m;
  }, [m]);
  const N = a.stage === "sent" || a.stage === "waiting", S = s !== m, M = (k) => {
    i(k), u(""), N || p();
  }, v = async () => {
    const { value: k, error: P } = Ah(e, s);
    u(P), !P && await f({ kind: "apply", node: t, options: { [e.option]: k } }) && (i(os({ ...e, value: k })), r());
  }, x = o || a.error;
  return /* @__PURE__ */ h("form", { class: "ks-knob", onSubmit: (k) => {
    k.preventDefault(), S && !N && l && v();
  }, children: [
    /* @__PURE__ */ h("label", { for: _, title: e.option, children: e.label }),
    /* @__PURE__ */ h(jh, { id: _, knob: e, text: s, onEdit: M, describedBy: `${_}-said`, invalid: x !== "" }),
    /* @__PURE__ */ h("span", { class: "ks-knob-buttons", children: [
      /* @__PURE__ */ h("button", { type: "submit", class: "ks-button ks-primary", disabled: !S || N || !l, children: "Apply" }),
      S && !N && /* @__PURE__ */ h("button", { type: "button", class: "ks-button", onClick: () => M(m), children: "Reset" })
    ] }),
    /* @__PURE__ */ h("div", { class: "ks-knob-said", id: `${_}-said`, children: x ? /* @__PURE__ */ h(zt, { children: x }) : /* @__PURE__ */ h(Rh, { stage: a.stage, summary: a.answer?.summary, help: e.help }) })
  ] });
}
function Rh({ stage: e, summary: t, help: n }) {
  return e === "waiting" ? /* @__PURE__ */ h("span", { class: "ks-waiting", role: "status", children: "… applies when the cell ends" }) : e === "sent" ? /* @__PURE__ */ h("span", { role: "status", children: "applying …" }) : e === "done" && t ? /* @__PURE__ */ h("span", { role: "status", children: [
    "✓ ",
    t
  ] }) : /* @__PURE__ */ h("span", { class: "ks-muted", children: n });
}
function jh({ id: e, knob: t, text: n, onEdit: l, describedBy: r, invalid: s }) {
  const i = { min: t.low ?? void 0, max: t.high ?? void 0, step: t.step ?? "any" }, o = { value: n, "aria-describedby": r, "aria-invalid": s, autocomplete: "off" }, u = (f) => l(f.currentTarget.value);
  if (t.control === "json") {
    const f = Math.min(12, Math.max(3, n.split(`
`).length));
    return /* @__PURE__ */ h("textarea", { id: e, class: "ks-input ks-json-input", rows: f, spellcheck: !1, ...o, onInput: u });
  }
  const a = /* @__PURE__ */ h("input", { id: e, class: "ks-input ks-number-input", type: "text", inputMode: "decimal", ...o, onInput: u });
  return t.control !== "slider" ? a : /* @__PURE__ */ h("span", { class: "ks-slider", children: [
    /* @__PURE__ */ h("input", { type: "range", "aria-label": `${t.label}, slider`, ...i, value: n === "" ? t.low ?? 0 : n, onInput: u }),
    a
  ] });
}
function Fh({ details: e, undo: t, client: n, live: l, onChanged: r }) {
  return /* @__PURE__ */ h("div", { class: "ks-knobs", children: [
    e.knobs.length === 0 && /* @__PURE__ */ h(ct, { children: "This deployment has nothing that can be changed while it runs." }),
    e.knobs.map((s) => /* @__PURE__ */ h(Dh, { knob: s, node: e.node, client: n, live: l, onApplied: r }, s.option)),
    t && /* @__PURE__ */ h(zh, { words: t, client: n, live: l, onUndone: r })
  ] });
}
function zh({ words: e, client: t, live: n, onUndone: l }) {
  const [r, s] = Nn(t), i = r.stage === "sent" || r.stage === "waiting", o = async () => {
    await s({ kind: "undo" }) && l();
  };
  return /* @__PURE__ */ h("div", { class: "ks-undo", children: [
    /* @__PURE__ */ h("button", { type: "button", class: "ks-button", disabled: i || !n, onClick: () => void o(), children: [
      /* @__PURE__ */ h("span", { "aria-hidden": "true", children: "↶ " }),
      "Undo"
    ] }),
    /* @__PURE__ */ h("span", { children: e }),
    r.stage === "waiting" && /* @__PURE__ */ h("span", { class: "ks-waiting", role: "status", children: "applies when the cell ends" }),
    r.error && /* @__PURE__ */ h(zt, { children: r.error })
  ] });
}
const Vh = { lines: [], cursor: "", skipped: 0 };
let Hh = 0;
function Wh(e, t) {
  return t.lines.length === 0 && t.skipped === 0 ? { ...e, cursor: t.cursor } : { lines: [...e.lines, ...t.lines.map((l) => ({ ...l, key: ++Hh }))].slice(-500), cursor: t.cursor, skipped: e.skipped + t.skipped };
}
function qh(e) {
  return e === "ERROR" || e === "CRITICAL" || e === "STDERR" ? "bad" : e === "WARNING" ? "busy" : e === "DEBUG" || e === "STDOUT" ? "muted" : "plain";
}
const Bh = 1e3;
function Gh({ client: e, node: t, active: n }) {
  const [l, r] = xe(!1), { tail: s, waiting: i, error: o } = Yh(e, t, n && !l), u = pe(null), a = pe(!0);
  qs(() => {
    a.current && u.current && (u.current.scrollTop = u.current.scrollHeight);
  }, [s]);
  const f = () => {
    const p = u.current;
    p && (a.current = p.scrollHeight - p.scrollTop - p.clientHeight < 8);
  };
  return /* @__PURE__ */ h("div", { class: "ks-logs", children: [
    /* @__PURE__ */ h("div", { class: "ks-tools", children: [
      /* @__PURE__ */ h(Gs, { paused: l, onChange: r }),
      i && /* @__PURE__ */ h("span", { class: "ks-waiting", role: "status", children: "the kernel is busy; lines come when the cell ends" }),
      s.skipped > 0 && /* @__PURE__ */ h("span", { class: "ks-muted", children: [
        tl(s.skipped, "line"),
        " left out"
      ] })
    ] }),
    o && /* @__PURE__ */ h(zt, { children: o }),
    /* @__PURE__ */ h("div", { class: "ks-log-list", ref: u, onScroll: f, tabIndex: 0, role: "log", "aria-live": "off", "aria-label": `logs of ${t}`, children: [
      s.lines.length === 0 && !o && /* @__PURE__ */ h(ct, { children: "No lines so far." }),
      s.lines.map((p) => /* @__PURE__ */ h(Uh, { line: p }, p.key))
    ] })
  ] });
}
function Uh({ line: e }) {
  const t = [e.replica && `replica ${e.replica}`, e.request_id && `request ${e.request_id}`].filter(Boolean);
  return /* @__PURE__ */ h("div", { class: `ks-log-line ks-tone-${qh(e.level)}`, title: t.join(", "), children: [
    /* @__PURE__ */ h("span", { class: "ks-log-time", children: Gt(e.time) }),
    /* @__PURE__ */ h("span", { class: "ks-log-level", children: e.level.toLowerCase() }),
    /* @__PURE__ */ h("span", { class: "ks-log-text", children: e.text })
  ] });
}
function Yh(e, t, n) {
  const [l, r] = xe(Vh), [s, i] = xe(!1), [o, u] = xe(""), a = pe("");
  return jt(() => {
    if (!n) return;
    let f = !1, p;
    const _ = async () => {
      try {
        const m = await e.ask({ kind: "logs", node: t, after: a.current }, () => !f && i(!0));
        if (f) return;
        a.current = m.cursor, r((y) => Wh(y, m)), u("");
      } catch (m) {
        if (!(m instanceof Qn)) throw m;
        if (f) return;
        u(m.message);
      }
      i(!1), p = setTimeout(() => void _(), Bh);
    };
    return _(), () => {
      f = !0, clearTimeout(p);
    };
  }, [e, t, n]), { tail: l, waiting: s, error: o };
}
function Kh({ options: e }) {
  const t = Object.entries(e);
  return t.length === 0 ? /* @__PURE__ */ h(ct, { children: "All options have their defaults." }) : /* @__PURE__ */ h("dl", { class: "ks-options", children: t.map(([n, l]) => /* @__PURE__ */ h("div", { children: [
    /* @__PURE__ */ h("dt", { children: n }),
    /* @__PURE__ */ h("dd", { children: l })
  ] }, n)) });
}
const Jo = 10;
function Lc({ look: e }) {
  return /* @__PURE__ */ h("svg", { class: `ks-shape ks-is-${e}`, viewBox: "0 0 12 12", width: "11", height: "11", "aria-hidden": "true", children: [
    e === "running" && /* @__PURE__ */ h("circle", { cx: "6", cy: "6", r: "5" }),
    e === "starting" && /* @__PURE__ */ h("path", { d: "M6,1.5a4.5,4.5 0 1,1 -4.5,4.5", fill: "none", "stroke-width": "2" }),
    e === "draining" && /* @__PURE__ */ h("path", { d: "M6,0.8L11.2,6L6,11.2L0.8,6Z", fill: "none", "stroke-width": "1.6" }),
    e === "failed" && /* @__PURE__ */ h("path", { d: "M2,2L10,10M10,2L2,10", fill: "none", "stroke-width": "2.6" }),
    e === "stopped" && /* @__PURE__ */ h("path", { d: "M1.5,6H10.5", fill: "none", "stroke-width": "2" })
  ] });
}
function Jh(e) {
  const t = e.message ? `: ${e.message}` : "";
  return `${e.id}, ${Al(e)}${e.node ? ` on ${e.node}` : ""}${t}`;
}
class Zh extends tn {
  shouldComponentUpdate(t) {
    return t.target !== this.props.target || !Pc(t.replicas, this.props.replicas);
  }
  render({ replicas: t, target: n }) {
    const l = t.filter((i) => i.state === "RUNNING").length, r = t.length > Jo ? t.toSorted(Qh).slice(0, Jo) : t, s = t.length - r.length;
    return /* @__PURE__ */ h("span", { class: "ks-dots", children: [
      r.map((i) => /* @__PURE__ */ h("span", { class: "ks-dot", title: Jh(i), children: /* @__PURE__ */ h(Lc, { look: Al(i) }) }, i.id)),
      s > 0 && /* @__PURE__ */ h("span", { class: "ks-muted", children: [
        "+",
        s
      ] }),
      /* @__PURE__ */ h("span", { class: "ks-of", title: `${l} of ${n} replicas running`, children: [
        l,
        "/",
        n
      ] })
    ] });
  }
}
function Pc(e, t) {
  const n = (l, r) => l.id === r?.id && l.state === r.state && l.message === r.message;
  return e.length === t.length && e.every((l, r) => n(l, t[r]));
}
const Zo = ["failed", "draining", "starting", "stopped", "running"];
function Qh(e, t) {
  return Zo.indexOf(Al(e)) - Zo.indexOf(Al(t));
}
function Xh(e, t) {
  return ur(e.since === null ? null : Math.max(0, t - e.since));
}
function ep({ replicas: e, now: t }) {
  return e.length === 0 ? /* @__PURE__ */ h(ct, { children: "No replica is running or starting." }) : /* @__PURE__ */ h("div", { class: "ks-scroll", tabIndex: 0, role: "region", "aria-label": "replicas", children: /* @__PURE__ */ h("table", { class: "ks-table", children: [
    /* @__PURE__ */ h("thead", { children: /* @__PURE__ */ h("tr", { children: ["state", "id", "pid", "node", "memory", "GPUs", "age"].map((n) => /* @__PURE__ */ h("th", { scope: "col", children: n }, n)) }) }),
    /* @__PURE__ */ h("tbody", { children: e.map((n) => /* @__PURE__ */ h(tp, { replica: n, now: t }, n.id)) })
  ] }) });
}
function tp({ replica: e, now: t }) {
  const n = Al(e);
  return /* @__PURE__ */ h("tr", { children: [
    /* @__PURE__ */ h("td", { title: e.message || e.state, children: [
      /* @__PURE__ */ h(Lc, { look: n }),
      " ",
      n,
      e.message && /* @__PURE__ */ h("div", { class: "ks-muted", children: e.message })
    ] }),
    /* @__PURE__ */ h("td", { class: "ks-mono", children: e.id }),
    /* @__PURE__ */ h("td", { class: "ks-number", children: e.pid ?? rn }),
    /* @__PURE__ */ h("td", { children: e.node || rn }),
    /* @__PURE__ */ h("td", { class: "ks-number", children: fr(e.memory) }),
    /* @__PURE__ */ h("td", { children: e.gpus.length ? e.gpus.join(", ") : "none" }),
    /* @__PURE__ */ h("td", { class: "ks-number", children: Xh(e, t) })
  ] });
}
const np = [
  { name: "knobs", label: "Knobs" },
  { name: "code", label: "Code" },
  { name: "options", label: "Options" },
  { name: "logs", label: "Logs" },
  { name: "replicas", label: "Replicas" }
];
function lp(e) {
  const { id: t, node: n, client: l, live: r, frame: s, onClose: i } = e, [o, u] = xe("knobs"), [a, f] = Nn(l), p = `${s.revision} ${n.revision} ${n.action} ${n.target} ${n.stage}`;
  jt(() => {
    r && f({ kind: "node", node: n.name });
  }, [n.name, p, r, f]);
  const _ = (m) => {
    m.key === "Escape" && (m.stopPropagation(), i());
  };
  return /* @__PURE__ */ h("section", { class: "ks-panel", id: t, "aria-label": `deployment ${n.name}`, onKeyDown: _, children: [
    /* @__PURE__ */ h("header", { class: "ks-panel-head", children: [
      /* @__PURE__ */ h("b", { class: "ks-cut", title: n.name, children: n.name }),
      /* @__PURE__ */ h(Zn, { tone: Il(n.status), title: n.message, children: Dl(n.status) }),
      /* @__PURE__ */ h("span", { class: "ks-muted", children: [
        "revision ",
        n.revision
      ] }),
      /* @__PURE__ */ h("button", { type: "button", class: "ks-button ks-close", "aria-label": `close ${n.name}`, onClick: i, children: "×" })
    ] }),
    n.message && /* @__PURE__ */ h(zt, { children: n.message }),
    /* @__PURE__ */ h(Mh, { tabs: np, chosen: o, onChoose: u, label: `about ${n.name}`, children: /* @__PURE__ */ h(
      rp,
      {
        ...e,
        tab: o,
        details: a.answer,
        stage: a.stage,
        error: a.error,
        onChanged: () => void f({ kind: "node", node: n.name })
      }
    ) })
  ] });
}
function rp({ tab: e, details: t, stage: n, error: l, node: r, frame: s, client: i, live: o, visible: u, onChanged: a }) {
  return e === "logs" ? /* @__PURE__ */ h(Gh, { client: i, node: r.name, active: o && u }) : e === "replicas" ? /* @__PURE__ */ h(ep, { replicas: r.replicas, now: s.time }) : t ? e === "code" ? /* @__PURE__ */ h(Ph, { source: t.source, assumptions: t.assumptions }) : e === "options" ? /* @__PURE__ */ h(Kh, { options: t.options }) : /* @__PURE__ */ h(Fh, { details: t, undo: s.undo, client: i, live: o, onChanged: a }) : l ? /* @__PURE__ */ h(zt, { children: l }) : /* @__PURE__ */ h(ct, { children: n === "waiting" ? "Comes when the cell ends." : "Loading." });
}
function sp({ stage: e, since: t, now: n }) {
  const l = af(n, !0), r = t === null ? null : Math.max(0, n - t) + l, s = r === null ? e : `${e}, ${ur(Math.floor(r))}`;
  return /* @__PURE__ */ h("span", { class: "ks-stage", title: s, children: [
    /* @__PURE__ */ h("span", { class: "ks-stage-words", children: [
      /* @__PURE__ */ h("span", { class: "ks-cut", children: e }),
      r !== null && /* @__PURE__ */ h("span", { class: "ks-number", children: ur(Math.floor(r)) })
    ] }),
    /* @__PURE__ */ h("span", { class: "ks-bar", role: "progressbar", "aria-label": e, "aria-valuetext": s, children: /* @__PURE__ */ h("span", { class: "ks-bar-fill" }) })
  ] });
}
class ip extends tn {
  shouldComponentUpdate(t) {
    const { node: n, box: l, fresh: r, chosen: s, onChoose: i } = this.props;
    return !(l === t.box && r === t.fresh && s === t.chosen && i === t.onChoose && !t.node.stage && up(n, t.node));
  }
  render({ node: t, box: n, now: l, fresh: r, chosen: s, panelId: i, onChoose: o }) {
    return /* @__PURE__ */ h(
      "button",
      {
        type: "button",
        class: `ks-card ks-tone-${Il(t.status)}${s ? " ks-chosen" : ""}`,
        style: { left: `${n.x}px`, top: `${n.y}px` },
        "data-node": t.name,
        "aria-label": Oh(t),
        "aria-expanded": s,
        "aria-controls": s ? i : void 0,
        onClick: () => o(t.name),
        children: [
          /* @__PURE__ */ h(op, { node: t }),
          /* @__PURE__ */ h(Zh, { replicas: t.replicas, target: t.target }),
          /* @__PURE__ */ h(ap, { node: t }),
          /* @__PURE__ */ h("span", { class: "ks-card-foot", children: t.stage ? /* @__PURE__ */ h(sp, { stage: t.stage, since: t.stage_since, now: l }) : /* @__PURE__ */ h(cp, { node: t, fresh: r }) })
        ]
      }
    );
  }
}
function op({ node: e }) {
  const t = e.deployment_kind === "function";
  return /* @__PURE__ */ h("span", { class: "ks-card-head", children: [
    /* @__PURE__ */ h("span", { class: "ks-kind", title: e.deployment_kind, "aria-hidden": "true", children: t ? "ƒ" : "C" }),
    /* @__PURE__ */ h("span", { class: "ks-name ks-cut", title: e.name, children: e.name }),
    /* @__PURE__ */ h("span", { class: "ks-revision", title: `code of revision ${e.revision}`, children: [
      "r",
      e.revision
    ] })
  ] });
}
function ap({ node: e }) {
  return /* @__PURE__ */ h("span", { class: "ks-numbers", children: [
    /* @__PURE__ */ h(Kn, { label: "calls", value: Sn(e.qps), title: "calls per second" }),
    /* @__PURE__ */ h(Kn, { label: "p50", value: Qe(e.p50), title: "median latency" }),
    /* @__PURE__ */ h(Kn, { label: "p95", value: Qe(e.p95), title: "95th percentile of the latency" }),
    /* @__PURE__ */ h(Kn, { label: "queue", value: el(e.queued), title: "calls that wait for a replica" }),
    /* @__PURE__ */ h(Kn, { label: "ongoing", value: el(e.ongoing), title: "calls that replicas work on" }),
    /* @__PURE__ */ h(Kn, { label: "errors", value: Sn(e.errors), title: "failed calls per second", bad: (e.errors ?? 0) > 0 })
  ] });
}
function Kn({ label: e, value: t, title: n, bad: l = !1 }) {
  return /* @__PURE__ */ h("span", { class: l ? "ks-cell ks-number ks-bad" : "ks-cell ks-number", "data-label": e, title: n, children: l ? `▲ ${t}` : t });
}
function cp({ node: e, fresh: t }) {
  const n = Cc(e.action), l = Il(e.status) === "good";
  return /* @__PURE__ */ h(Ft, { children: [
    n && /* @__PURE__ */ h("span", { class: `ks-action ks-did-${n}${t ? " ks-fresh" : ""}`, title: e.reason || n, children: n }),
    l ? /* @__PURE__ */ h("span", { class: "ks-cut ks-muted", title: e.reason, children: e.reason }) : /* @__PURE__ */ h("span", { class: "ks-cut ks-status", title: e.message || Dl(e.status), children: [
      Il(e.status) === "bad" ? "▲ " : "… ",
      Dl(e.status),
      e.message && `: ${e.message}`
    ] })
  ] });
}
function up(e, t) {
  for (const n of Object.keys(t))
    if (n !== "replicas" && e[n] !== t[n]) return !1;
  return Pc(e.replicas, t.replicas);
}
const fp = 24;
class dp extends tn {
  shouldComponentUpdate(t) {
    const { layout: n, edges: l, live: r } = this.props;
    return n !== t.layout || r !== t.live || l.some((s, i) => s.qps !== t.edges[i]?.qps);
  }
  render({ layout: t, edges: n, live: l }) {
    const r = new Map(n.map((i) => [as(i), i.qps])), s = l && t.edges.length <= fp;
    return /* @__PURE__ */ h("svg", { class: "ks-edges", width: t.width, height: t.height, "aria-hidden": "true", children: t.edges.map((i) => /* @__PURE__ */ h(hp, { edge: i, qps: r.get(as(i)) ?? null, moves: s }, as(i))) });
  }
}
function as({ caller: e, callee: t }) {
  return JSON.stringify([e, t]);
}
function hp({ edge: e, qps: t, moves: n }) {
  const l = (t ?? 0) > 0, r = l ? Math.min(5, 1.4 + Math.log10(1 + (t ?? 0))) : 1.2;
  return /* @__PURE__ */ h("g", { class: `ks-edge${l ? " ks-flows" : ""}${l && n ? " ks-moves" : ""}`, children: [
    /* @__PURE__ */ h("path", { class: "ks-edge-line", d: e.path, style: { strokeWidth: r.toFixed(1) } }),
    l && n && /* @__PURE__ */ h("path", { class: "ks-edge-flow", d: e.path, style: { strokeWidth: r.toFixed(1) } }),
    l && /* @__PURE__ */ h("text", { x: e.label.x, y: e.label.y, class: "ks-edge-label", children: Sn(t) })
  ] });
}
var Ac = Object.defineProperty, pp = (e, t, n) => t in e ? Ac(e, t, { enumerable: !0, configurable: !0, writable: !0, value: n }) : e[t] = n, gp = (e, t) => {
  for (var n in t) Ac(e, n, { get: t[n], enumerable: !0 });
}, mp = (e, t, n) => pp(e, t + "", n), _p = {};
gp(_p, { Graph: () => Mt, alg: () => ai });
var wp = Object.defineProperty, Ic = (e, t) => {
  for (var n in t) wp(e, n, { get: t[n], enumerable: !0 });
}, oi = class {
  constructor(e) {
    this._isDirected = !0, this._isMultigraph = !1, this._isCompound = !1, this._nodes = {}, this._in = {}, this._preds = {}, this._out = {}, this._sucs = {}, this._edgeObjs = {}, this._edgeLabels = {}, this._nodeCount = 0, this._edgeCount = 0, this._defaultNodeLabelFn = () => {
    }, this._defaultEdgeLabelFn = () => {
    }, e && (this._isDirected = "directed" in e ? e.directed : !0, this._isMultigraph = "multigraph" in e ? e.multigraph : !1, this._isCompound = "compound" in e ? e.compound : !1), this._isCompound && (this._parent = {}, this._children = {}, this._children["\0"] = {});
  }
  isDirected() {
    return this._isDirected;
  }
  isMultigraph() {
    return this._isMultigraph;
  }
  isCompound() {
    return this._isCompound;
  }
  setGraph(e) {
    return this._label = e, this;
  }
  graph() {
    return this._label;
  }
  setDefaultNodeLabel(e) {
    return typeof e != "function" ? this._defaultNodeLabelFn = () => e : this._defaultNodeLabelFn = e, this;
  }
  nodeCount() {
    return this._nodeCount;
  }
  nodes() {
    return Object.keys(this._nodes);
  }
  sources() {
    return this.nodes().filter((e) => Object.keys(this._in[e]).length === 0);
  }
  sinks() {
    return this.nodes().filter((e) => Object.keys(this._out[e]).length === 0);
  }
  setNodes(e, t) {
    return e.forEach((n) => {
      t !== void 0 ? this.setNode(n, t) : this.setNode(n);
    }), this;
  }
  setNode(e, t) {
    return e in this._nodes ? (arguments.length > 1 && (this._nodes[e] = t), this) : (this._nodes[e] = arguments.length > 1 ? t : this._defaultNodeLabelFn(e), this._isCompound && (this._parent[e] = "\0", this._children[e] = {}, this._children["\0"][e] = !0), this._in[e] = {}, this._preds[e] = {}, this._out[e] = {}, this._sucs[e] = {}, ++this._nodeCount, this);
  }
  node(e) {
    return this._nodes[e];
  }
  hasNode(e) {
    return e in this._nodes;
  }
  removeNode(e) {
    if (e in this._nodes) {
      let t = (n) => this.removeEdge(this._edgeObjs[n]);
      delete this._nodes[e], this._isCompound && (this._removeFromParentsChildList(e), delete this._parent[e], this.children(e).forEach((n) => {
        this.setParent(n);
      }), delete this._children[e]), Object.keys(this._in[e]).forEach(t), delete this._in[e], delete this._preds[e], Object.keys(this._out[e]).forEach(t), delete this._out[e], delete this._sucs[e], --this._nodeCount;
    }
    return this;
  }
  setParent(e, t) {
    if (!this._isCompound) throw new Error("Cannot set parent in a non-compound graph");
    if (t === void 0) t = "\0";
    else {
      t += "";
      for (let n = t; n !== void 0; n = this.parent(n)) if (n === e) throw new Error("Setting " + t + " as parent of " + e + " would create a cycle");
      this.setNode(t);
    }
    return this.setNode(e), this._removeFromParentsChildList(e), this._parent[e] = t, this._children[t][e] = !0, this;
  }
  parent(e) {
    if (this._isCompound) {
      let t = this._parent[e];
      if (t !== "\0") return t;
    }
  }
  children(e = "\0") {
    if (this._isCompound) {
      let t = this._children[e];
      if (t) return Object.keys(t);
    } else {
      if (e === "\0") return this.nodes();
      if (this.hasNode(e)) return [];
    }
    return [];
  }
  predecessors(e) {
    let t = this._preds[e];
    if (t) return Object.keys(t);
  }
  successors(e) {
    let t = this._sucs[e];
    if (t) return Object.keys(t);
  }
  neighbors(e) {
    let t = this.predecessors(e);
    if (t) {
      let n = new Set(t), l = this.successors(e);
      if (l) for (let r of l) n.add(r);
      return Array.from(n.values());
    }
  }
  isLeaf(e) {
    var t;
    let n;
    return this.isDirected() ? n = this.successors(e) : n = this.neighbors(e), ((t = n?.length) != null ? t : 0) === 0;
  }
  filterNodes(e) {
    let t = new this.constructor({ directed: this._isDirected, multigraph: this._isMultigraph, compound: this._isCompound });
    t.setGraph(this.graph()), Object.entries(this._nodes).forEach(([r, s]) => {
      e(r) && t.setNode(r, s);
    }), Object.values(this._edgeObjs).forEach((r) => {
      t.hasNode(r.v) && t.hasNode(r.w) && t.setEdge(r, this.edge(r));
    });
    let n = {}, l = (r) => {
      let s = this.parent(r);
      return !s || t.hasNode(s) ? (n[r] = s, s) : s in n ? n[s] : l(s);
    };
    return this._isCompound && t.nodes().forEach((r) => t.setParent(r, l(r))), t;
  }
  setDefaultEdgeLabel(e) {
    return typeof e != "function" ? this._defaultEdgeLabelFn = () => e : this._defaultEdgeLabelFn = e, this;
  }
  edgeCount() {
    return this._edgeCount;
  }
  edges() {
    return Object.values(this._edgeObjs);
  }
  setPath(e, t) {
    return e.reduce((n, l) => (t !== void 0 ? this.setEdge(n, l, t) : this.setEdge(n, l), l)), this;
  }
  setEdge(e, t, n, l) {
    let r, s, i, o, u = !1;
    typeof e == "object" && e !== null && "v" in e ? (r = e.v, s = e.w, i = e.name, arguments.length === 2 && (o = t, u = !0)) : (r = e, s = t, i = l, arguments.length > 2 && (o = n, u = !0)), r = "" + r, s = "" + s, i !== void 0 && (i = "" + i);
    let a = Ml(this._isDirected, r, s, i);
    if (a in this._edgeLabels) return u && (this._edgeLabels[a] = o), this;
    if (i !== void 0 && !this._isMultigraph) throw new Error("Cannot set a named edge when isMultigraph = false");
    this.setNode(r), this.setNode(s), this._edgeLabels[a] = u ? o : this._defaultEdgeLabelFn(r, s, i);
    let f = vp(this._isDirected, r, s, i);
    return r = f.v, s = f.w, Object.freeze(f), this._edgeObjs[a] = f, Qo(this._preds[s], r), Qo(this._sucs[r], s), this._in[s][a] = f, this._out[r][a] = f, this._edgeCount++, this;
  }
  edge(e, t, n) {
    let l = arguments.length === 1 ? cs(this._isDirected, e) : Ml(this._isDirected, e, t, n);
    return this._edgeLabels[l];
  }
  edgeAsObj(e, t, n) {
    let l = arguments.length === 1 ? this.edge(e) : this.edge(e, t, n);
    return typeof l != "object" || l === null ? { label: l } : l;
  }
  hasEdge(e, t, n) {
    return (arguments.length === 1 ? cs(this._isDirected, e) : Ml(this._isDirected, e, t, n)) in this._edgeLabels;
  }
  removeEdge(e, t, n) {
    let l = arguments.length === 1 ? cs(this._isDirected, e) : Ml(this._isDirected, e, t, n), r = this._edgeObjs[l];
    if (r) {
      let s = r.v, i = r.w;
      delete this._edgeLabels[l], delete this._edgeObjs[l], Xo(this._preds[i], s), Xo(this._sucs[s], i), delete this._in[i][l], delete this._out[s][l], this._edgeCount--;
    }
    return this;
  }
  inEdges(e, t) {
    return this.isDirected() ? this.filterEdges(this._in[e], e, t) : this.nodeEdges(e, t);
  }
  outEdges(e, t) {
    return this.isDirected() ? this.filterEdges(this._out[e], e, t) : this.nodeEdges(e, t);
  }
  nodeEdges(e, t) {
    if (e in this._nodes) return this.filterEdges({ ...this._in[e], ...this._out[e] }, e, t);
  }
  _removeFromParentsChildList(e) {
    delete this._children[this._parent[e]][e];
  }
  filterEdges(e, t, n) {
    if (!e) return;
    let l = Object.values(e);
    return n ? l.filter((r) => r.v === t && r.w === n || r.v === n && r.w === t) : l;
  }
};
function Qo(e, t) {
  e[t] ? e[t]++ : e[t] = 1;
}
function Xo(e, t) {
  e[t] !== void 0 && !--e[t] && delete e[t];
}
function Ml(e, t, n, l) {
  let r = "" + t, s = "" + n;
  if (!e && r > s) {
    let i = r;
    r = s, s = i;
  }
  return r + "" + s + "" + (l === void 0 ? "\0" : l);
}
function vp(e, t, n, l) {
  let r = "" + t, s = "" + n;
  if (!e && r > s) {
    let o = r;
    r = s, s = o;
  }
  let i = { v: r, w: s };
  return l && (i.name = l), i;
}
function cs(e, t) {
  return Ml(e, t.v, t.w, t.name);
}
var bp = {};
Ic(bp, { read: () => xp, write: () => yp });
function yp(e) {
  let t = { options: { directed: e.isDirected(), multigraph: e.isMultigraph(), compound: e.isCompound() }, nodes: kp(e), edges: Ep(e) }, n = e.graph();
  return n !== void 0 && (t.value = structuredClone(n)), t;
}
function kp(e) {
  return e.nodes().map((t) => {
    let n = e.node(t), l = e.parent(t), r = { v: t };
    return n !== void 0 && (r.value = n), l !== void 0 && (r.parent = l), r;
  });
}
function Ep(e) {
  return e.edges().map((t) => {
    let n = e.edge(t), l = { v: t.v, w: t.w };
    return t.name !== void 0 && (l.name = t.name), n !== void 0 && (l.value = n), l;
  });
}
function xp(e) {
  let t = new oi(e.options);
  return e.value !== void 0 && t.setGraph(e.value), e.nodes.forEach((n) => {
    t.setNode(n.v, n.value), n.parent && t.setParent(n.v, n.parent);
  }), e.edges.forEach((n) => {
    t.setEdge({ v: n.v, w: n.w, name: n.name }, n.value);
  }), t;
}
var ai = {};
Ic(ai, { CycleException: () => hr, bellmanFord: () => Dc, components: () => Mp, dijkstra: () => dr, dijkstraAll: () => $p, findCycles: () => Cp, floydWarshall: () => Pp, isAcyclic: () => Ip, postorder: () => Rp, preorder: () => jp, prim: () => Fp, shortestPaths: () => zp, tarjan: () => jc, topsort: () => Fc });
var Sp = () => 1;
function Dc(e, t, n, l) {
  return Np(e, String(t), n || Sp, l || function(r) {
    var s;
    return (s = e.outEdges(r)) != null ? s : [];
  });
}
function Np(e, t, n, l) {
  let r = {}, s, i = 0, o = e.nodes(), u = function(p) {
    let _ = r[p.v], m = r[p.w];
    if (!_ || !m) return;
    let y = n(p);
    _.distance + y < m.distance && (r[p.w] = { distance: _.distance + y, predecessor: p.v }, s = !0);
  }, a = function() {
    o.forEach(function(p) {
      l(p).forEach(function(_) {
        let m = _.v === p ? _.v : _.w, y = m === _.v ? _.w : _.v;
        u({ v: m, w: y });
      });
    });
  };
  o.forEach(function(p) {
    let _ = p === t ? 0 : Number.POSITIVE_INFINITY;
    r[p] = { distance: _, predecessor: "" };
  });
  let f = o.length;
  for (let p = 1; p < f && (s = !1, i++, a(), !!s); p++) ;
  if (i === f - 1 && (s = !1, a(), s)) throw new Error("The graph contains a negative weight cycle");
  return r;
}
function Mp(e) {
  let t = {}, n = [], l;
  function r(s) {
    var i, o;
    s in t || (t[s] = !0, l.push(s), (i = e.successors(s)) == null || i.forEach(r), (o = e.predecessors(s)) == null || o.forEach(r));
  }
  return e.nodes().forEach(function(s) {
    l = [], r(s), l.length && n.push(l);
  }), n;
}
var Rc = class {
  constructor() {
    this._arr = [], this._keyIndices = {};
  }
  size() {
    return this._arr.length;
  }
  keys() {
    return this._arr.map((e) => e.key);
  }
  has(e) {
    return e in this._keyIndices;
  }
  priority(e) {
    let t = this._keyIndices[e];
    if (t !== void 0) return this._arr[t].priority;
  }
  min() {
    if (this.size() === 0) throw new Error("Queue underflow");
    return this._arr[0].key;
  }
  add(e, t) {
    let n = this._keyIndices, l = String(e);
    if (!(l in n)) {
      let r = this._arr, s = r.length;
      return n[l] = s, r.push({ key: l, priority: t }), this._decrease(s), !0;
    }
    return !1;
  }
  removeMin() {
    if (this.size() === 0) throw new Error("Queue underflow");
    this._swap(0, this._arr.length - 1);
    let e = this._arr.pop();
    return delete this._keyIndices[e.key], this._heapify(0), e.key;
  }
  decrease(e, t) {
    let n = this._keyIndices[e];
    if (n === void 0) throw new Error(`Key not found: ${e}`);
    let l = this._arr[n].priority;
    if (t > l) throw new Error(`New priority is greater than current priority. Key: ${e} Old: ${l} New: ${t}`);
    this._arr[n].priority = t, this._decrease(n);
  }
  _heapify(e) {
    let t = this._arr, n = 2 * e, l = n + 1, r = e;
    n < t.length && (r = t[n].priority < t[r].priority ? n : r, l < t.length && (r = t[l].priority < t[r].priority ? l : r), r !== e && (this._swap(e, r), this._heapify(r)));
  }
  _decrease(e) {
    let t = this._arr, n = t[e].priority, l;
    for (; e !== 0 && (l = e >> 1, !(t[l].priority < n)); ) this._swap(e, l), e = l;
  }
  _swap(e, t) {
    let n = this._arr, l = this._keyIndices, r = n[e], s = n[t];
    n[e] = s, n[t] = r, l[s.key] = e, l[r.key] = t;
  }
}, Tp = () => 1;
function dr(e, t, n, l) {
  let r = function(s) {
    var i;
    return (i = e.outEdges(s)) != null ? i : [];
  };
  return Op(e, String(t), n || Tp, l || r);
}
function Op(e, t, n, l) {
  let r = {}, s = new Rc(), i, o, u = function(a) {
    let f = a.v !== i ? a.v : a.w, p = r[f];
    if (!p) return;
    let _ = n(a), m = o.distance + _;
    if (_ < 0) throw new Error("dijkstra does not allow negative edge weights. Bad edge: " + a + " Weight: " + _);
    m < p.distance && (p.distance = m, p.predecessor = i, s.decrease(f, m));
  };
  for (e.nodes().forEach(function(a) {
    let f = a === t ? 0 : Number.POSITIVE_INFINITY;
    r[a] = { distance: f, predecessor: "" }, s.add(a, f);
  }); s.size() > 0; ) {
    i = s.removeMin();
    let a = r[i];
    if (!a || a.distance === Number.POSITIVE_INFINITY) break;
    o = a, l(i).forEach(u);
  }
  return r;
}
function $p(e, t, n) {
  return e.nodes().reduce(function(l, r) {
    return l[r] = dr(e, r, t, n), l;
  }, {});
}
function jc(e) {
  let t = 0, n = [], l = {}, r = [];
  function s(i) {
    var o;
    let u = l[i] = { onStack: !0, lowlink: t, index: t++ };
    if (n.push(i), (o = e.successors(i)) == null || o.forEach(function(a) {
      if (a in l) {
        let f = l[a];
        f != null && f.onStack && (u.lowlink = Math.min(u.lowlink, f.index));
      } else {
        s(a);
        let f = l[a];
        f && (u.lowlink = Math.min(u.lowlink, f.lowlink));
      }
    }), u.lowlink === u.index) {
      let a = [], f;
      do {
        f = n.pop();
        let p = l[f];
        p && (p.onStack = !1), a.push(f);
      } while (i !== f);
      r.push(a);
    }
  }
  return e.nodes().forEach(function(i) {
    i in l || s(i);
  }), r;
}
function Cp(e) {
  return jc(e).filter(function(t) {
    var n;
    let l = t[0];
    return l ? t.length > 1 || t.length === 1 && ((n = e.outEdges(l, l)) != null ? n : []).length > 0 : !1;
  });
}
var Lp = () => 1;
function Pp(e, t, n) {
  return Ap(e, t || Lp, n || function(l) {
    var r;
    return (r = e.outEdges(l)) != null ? r : [];
  });
}
function Ap(e, t, n) {
  let l = {}, r = e.nodes();
  return r.forEach(function(s) {
    let i = {};
    l[s] = i, i[s] = { distance: 0, predecessor: "" }, r.forEach(function(o) {
      s !== o && (i[o] = { distance: Number.POSITIVE_INFINITY, predecessor: "" });
    }), n(s).forEach(function(o) {
      let u = o.v === s ? o.w : o.v, a = t(o);
      i[u] = { distance: a, predecessor: s };
    });
  }), r.forEach(function(s) {
    let i = l[s];
    i && r.forEach(function(o) {
      let u = l[o];
      u && r.forEach(function(a) {
        let f = u[s], p = i[a], _ = u[a];
        if (f && p && _) {
          let m = f.distance + p.distance;
          m < _.distance && (_.distance = m, _.predecessor = p.predecessor);
        }
      });
    });
  }), l;
}
var hr = class extends Error {
  constructor(e) {
    super(e), this.name = "CycleException";
  }
};
function Fc(e) {
  let t = {}, n = {}, l = [];
  function r(s) {
    var i;
    if (s in n) throw new hr();
    s in t || (n[s] = !0, t[s] = !0, (i = e.predecessors(s)) == null || i.forEach(r), delete n[s], l.push(s));
  }
  if (e.sinks().forEach(r), Object.keys(t).length !== e.nodeCount()) throw new hr();
  return l;
}
function Ip(e) {
  try {
    Fc(e);
  } catch (t) {
    if (t instanceof hr) return !1;
    throw t;
  }
  return !0;
}
function Dp(e, t, n, l, r) {
  Array.isArray(t) || (t = [t]);
  let s = ((o) => {
    var u;
    return (u = e.isDirected() ? e.successors(o) : e.neighbors(o)) != null ? u : [];
  }), i = {};
  return t.forEach(function(o) {
    if (!e.hasNode(o)) throw new Error("Graph does not have node: " + o);
    r = zc(e, o, n === "post", i, s, l, r);
  }), r;
}
function zc(e, t, n, l, r, s, i) {
  return t in l || (l[t] = !0, n || (i = s(i, t)), r(t).forEach(function(o) {
    i = zc(e, o, n, l, r, s, i);
  }), n && (i = s(i, t))), i;
}
function Vc(e, t, n) {
  return Dp(e, t, n, function(l, r) {
    return l.push(r), l;
  }, []);
}
function Rp(e, t) {
  return Vc(e, t, "post");
}
function jp(e, t) {
  return Vc(e, t, "pre");
}
function Fp(e, t) {
  var n;
  let l = new oi(), r = {}, s = new Rc(), i;
  function o(f) {
    let p = f.v === i ? f.w : f.v, _ = s.priority(p);
    if (_ !== void 0) {
      let m = t(f);
      m < _ && (r[p] = i, s.decrease(p, m));
    }
  }
  if (e.nodeCount() === 0) return l;
  e.nodes().forEach(function(f) {
    s.add(f, Number.POSITIVE_INFINITY), l.setNode(f);
  });
  let u = e.nodes()[0];
  u !== void 0 && s.decrease(u, 0);
  let a = !1;
  for (; s.size() > 0; ) {
    if (i = s.removeMin(), i in r) l.setEdge(i, r[i]);
    else {
      if (a) throw new Error("Input graph is not connected: " + e);
      a = !0;
    }
    (n = e.nodeEdges(i)) == null || n.forEach(o);
  }
  return l;
}
function zp(e, t, n, l) {
  return Vp(e, t, n, l ?? ((r) => {
    var s;
    return (s = e.outEdges(r)) != null ? s : [];
  }));
}
function Vp(e, t, n, l) {
  if (n === void 0) return dr(e, t, n, l);
  let r = !1, s = e.nodes();
  for (let i = 0; i < s.length; i++) {
    let o = s[i];
    if (o === void 0) continue;
    let u = l(o);
    for (let a = 0; a < u.length; a++) {
      let f = u[a];
      if (!f) continue;
      let p = f.v === o ? f.v : f.w, _ = p === f.v ? f.w : f.v;
      n({ v: p, w: _ }) < 0 && (r = !0);
    }
    if (r) return Dc(e, t, n, l);
  }
  return dr(e, t, n, l);
}
var Mt = oi;
function fl(e, t, n, l) {
  let r = l;
  for (; e.hasNode(r); ) r = ci(l);
  return n.dummy = t, e.setNode(r, n), r;
}
function Hp(e) {
  let t = new Mt().setGraph(e.graph());
  return e.nodes().forEach((n) => t.setNode(n, e.node(n))), e.edges().forEach((n) => {
    let l = t.edge(n.v, n.w) || { weight: 0, minlen: 1 }, r = e.edge(n);
    t.setEdge(n.v, n.w, { weight: l.weight + r.weight, minlen: Math.max(l.minlen, r.minlen) });
  }), t;
}
function Hc(e) {
  let t = new Mt({ multigraph: e.isMultigraph() }).setGraph(e.graph());
  return e.nodes().forEach((n) => {
    e.children(n).length || t.setNode(n, e.node(n));
  }), e.edges().forEach((n) => {
    t.setEdge(n, e.edge(n));
  }), t;
}
function ea(e, t) {
  let n = e.x, l = e.y, r = t.x - n, s = t.y - l, i = e.width / 2, o = e.height / 2;
  if (!r && !s) throw new Error("Not possible to find intersection inside of the rectangle");
  let u, a;
  return r === 0 || Math.abs(s) * i > Math.abs(r) * o ? (s < 0 && (o = -o), u = o * r / s, a = o) : (r < 0 && (i = -i), u = i, a = i * s / r), { x: n + u, y: l + a };
}
function Nr(e) {
  let t = Rl(qc(e) + 1).map(() => []);
  return e.nodes().forEach((n) => {
    let l = e.node(n), r = l.rank;
    r !== void 0 && (t[r] || (t[r] = []), t[r][l.order] = n);
  }), t;
}
function Wp(e) {
  let t = e.nodes().map((l) => {
    let r = e.node(l).rank;
    return r === void 0 ? Number.MAX_VALUE : r;
  }), n = Dt(Math.min, t);
  e.nodes().forEach((l) => {
    let r = e.node(l);
    Object.hasOwn(r, "rank") && (r.rank -= n);
  });
}
function qp(e) {
  let t = e.nodes().map((i) => e.node(i).rank).filter((i) => i !== void 0), n = Dt(Math.min, t), l = [];
  e.nodes().forEach((i) => {
    let o = e.node(i).rank - n;
    l[o] || (l[o] = []), l[o].push(i);
  });
  let r = 0, s = e.graph().nodeRankFactor;
  Array.from(l).forEach((i, o) => {
    i === void 0 && o % s !== 0 ? --r : i !== void 0 && r && i.forEach((u) => e.node(u).rank += r);
  });
}
function ta(e, t, n, l) {
  let r = { width: 0, height: 0 };
  return arguments.length >= 4 && (r.rank = n, r.order = l), fl(e, "border", r, t);
}
function Bp(e, t = Wc) {
  let n = [];
  for (let l = 0; l < e.length; l += t) {
    let r = e.slice(l, l + t);
    n.push(r);
  }
  return n;
}
var Wc = 65535;
function Dt(e, t) {
  if (t.length > Wc) {
    let n = Bp(t);
    return e(...n.map((l) => e(...l)));
  } else return e(...t);
}
function qc(e) {
  let t = e.nodes().map((n) => {
    let l = e.node(n).rank;
    return l === void 0 ? Number.MIN_VALUE : l;
  });
  return Dt(Math.max, t);
}
function Gp(e, t) {
  let n = { lhs: [], rhs: [] };
  return e.forEach((l) => {
    t(l) ? n.lhs.push(l) : n.rhs.push(l);
  }), n;
}
function Up(e, t) {
  return t();
}
var Yp = 0;
function ci(e) {
  let t = ++Yp;
  return e + ("" + t);
}
function Rl(e, t, n = 1) {
  t == null && (t = e, e = 0);
  let l = (s) => s < t;
  n < 0 && (l = (s) => t < s);
  let r = [];
  for (let s = e; l(s); s += n) r.push(s);
  return r;
}
function pr(e, t) {
  let n = {};
  for (let l of t) e[l] !== void 0 && (n[l] = e[l]);
  return n;
}
function Mr(e, t) {
  let n;
  return typeof t == "string" ? n = (l) => l[t] : n = t, Object.entries(e).reduce((l, [r, s]) => (l[r] = n(s, r), l), {});
}
function Kp(e, t) {
  return e.reduce((n, l, r) => (n[l] = t[r], n), {});
}
var Tr = "\0";
function Bc(e, t, n) {
  var l, r, s, i, o, u;
  if (!(e && t && n && t.dummy === "edge" && n.dummy === "edge" && t.edgeObj && n.edgeObj && e[t.edgeObj.v] && e[n.edgeObj.v] && e[t.edgeObj.w] && e[n.edgeObj.w])) return 0;
  let a = !0;
  t.edgeObj.w === n.edgeObj.w && (a = !1);
  let f = a ? (r = (l = e[t.edgeObj.v]) == null ? void 0 : l.rank) != null ? r : NaN + 1 : (i = (s = e[t.edgeObj.w]) == null ? void 0 : s.rank) != null ? i : NaN - 1, p = Object.entries(e).find((N) => {
    var S, M;
    return ((S = N[1].edgeObj) == null ? void 0 : S.v) === t.edgeObj.v && ((M = N[1].edgeObj) == null ? void 0 : M.w) === t.edgeObj.w && N[1].rank === f;
  }), _ = Object.entries(e).find((N) => {
    var S, M;
    return ((S = N[1].edgeObj) == null ? void 0 : S.v) === n.edgeObj.v && ((M = N[1].edgeObj) == null ? void 0 : M.w) === n.edgeObj.w && N[1].rank === f;
  });
  if (!p || !_) return 0;
  let m = (o = p[1].order) != null ? o : NaN, y = (u = _[1].order) != null ? u : NaN;
  return isNaN(m - y) ? 0 : m - y;
}
var Jp = class {
  constructor() {
    mp(this, "_sentinel");
    let e = {};
    e._next = e._prev = e, this._sentinel = e;
  }
  dequeue() {
    let e = this._sentinel, t = e._prev;
    if (t !== e) return na(t), t;
  }
  enqueue(e) {
    let t = this._sentinel;
    e._prev && e._next && na(e), e._next = t._next, t._next._prev = e, t._next = e, e._prev = t;
  }
  toString() {
    let e = [], t = this._sentinel, n = t._prev;
    for (; n !== t; ) e.push(JSON.stringify(n, Zp)), n = n._prev;
    return "[" + e.join(", ") + "]";
  }
};
function na(e) {
  e._prev._next = e._next, e._next._prev = e._prev, delete e._next, delete e._prev;
}
function Zp(e, t) {
  if (e !== "_next" && e !== "_prev") return t;
}
var Qp = Jp, Xp = () => 1;
function eg(e, t) {
  if (e.nodeCount() <= 1) return [];
  let n = ng(e, t || Xp);
  return tg(n.graph, n.buckets, n.zeroIdx).flatMap((l) => e.outEdges(l.v, l.w) || []);
}
function tg(e, t, n) {
  var l;
  let r = [], s = t[t.length - 1], i = t[0], o;
  for (; e.nodeCount(); ) {
    for (; o = i.dequeue(); ) us(e, t, n, o);
    for (; o = s.dequeue(); ) us(e, t, n, o);
    if (e.nodeCount()) {
      for (let u = t.length - 2; u > 0; --u) if (o = (l = t[u]) == null ? void 0 : l.dequeue(), o) {
        r = r.concat(us(e, t, n, o, !0) || []);
        break;
      }
    }
  }
  return r;
}
function us(e, t, n, l, r) {
  let s = [], i = r ? s : void 0;
  return (e.inEdges(l.v) || []).forEach((o) => {
    let u = e.edge(o), a = e.node(o.v);
    r && s.push({ v: o.v, w: o.w }), a.out -= u, As(t, n, a);
  }), (e.outEdges(l.v) || []).forEach((o) => {
    let u = e.edge(o), a = o.w, f = e.node(a);
    f.in -= u, As(t, n, f);
  }), e.removeNode(l.v), i;
}
function ng(e, t) {
  let n = new Mt(), l = 0, r = 0;
  e.nodes().forEach((o) => {
    n.setNode(o, { v: o, in: 0, out: 0 });
  }), e.edges().forEach((o) => {
    let u = n.edge(o.v, o.w) || 0, a = t(o), f = u + a;
    n.setEdge(o.v, o.w, f);
    let p = n.node(o.v), _ = n.node(o.w);
    r = Math.max(r, p.out += a), l = Math.max(l, _.in += a);
  });
  let s = lg(r + l + 3).map(() => new Qp()), i = l + 1;
  return n.nodes().forEach((o) => {
    As(s, i, n.node(o));
  }), { graph: n, buckets: s, zeroIdx: i };
}
function As(e, t, n) {
  var l, r, s;
  n.out ? n.in ? (s = e[n.out - n.in + t]) == null || s.enqueue(n) : (r = e[e.length - 1]) == null || r.enqueue(n) : (l = e[0]) == null || l.enqueue(n);
}
function lg(e) {
  let t = [];
  for (let n = 0; n < e; n++) t.push(n);
  return t;
}
function rg(e, t) {
  (e.graph().acyclicer === "greedy" ? eg(e, n(e)) : sg(e, t ?? null)).forEach((l) => {
    let r = e.edge(l);
    e.removeEdge(l), r.forwardName = l.name, r.reversed = !0, e.setEdge(l.w, l.v, r, ci("rev"));
  });
  function n(l) {
    return (r) => l.edge(r).weight;
  }
}
function sg(e, t) {
  let n = [], l = {}, r = {};
  function s(u) {
    Object.hasOwn(r, u) || (r[u] = !0, l[u] = !0, e.outEdges(u).forEach((a) => {
      Object.hasOwn(l, a.w) ? n.push(a) : s(a.w);
    }), delete l[u]);
  }
  function i(u) {
    var a;
    Object.hasOwn(r, u) || (r[u] = !0, l[u] = !0, (a = e.outEdges(u)) == null || a.forEach((f) => {
      var p, _;
      Object.hasOwn(l, f.w) || ((p = t.node(u)) == null ? void 0 : p.rank) > ((_ = t.node(f.w)) == null ? void 0 : _.rank) && og(e, f.w, f) ? n.push(f) : i(f.w);
    }), delete l[u]);
  }
  let o = s;
  return t && typeof t.node == "function" && (o = i), e.sources().forEach(o), e.nodes().forEach(o), n;
}
function ig(e) {
  e.edges().forEach((t) => {
    let n = e.edge(t);
    if (n.reversed) {
      e.removeEdge(t);
      let l = n.forwardName;
      delete n.reversed, delete n.forwardName, e.setEdge(t.w, t.v, n, l);
    }
  });
}
function og(e, t, n) {
  let l = /* @__PURE__ */ new Set();
  function r(s) {
    var i;
    if (e.sources().includes(s)) return !0;
    l.add(s);
    for (let o of (i = e.inEdges(s)) != null ? i : []) if (!(o.v === n.v && o.w === n.w) && !l.has(o.v) && r(o.v)) return !0;
    return !1;
  }
  return r(t);
}
function ag(e) {
  e.graph().dummyChains = [], e.edges().forEach((t) => cg(e, t));
}
function cg(e, t) {
  let n = t.v, l = e.node(n).rank, r = t.w, s = e.node(r).rank, i = t.name, o = e.edge(t), u = o.labelRank;
  if (s === l + 1) return;
  e.removeEdge(t);
  let a, f, p;
  for (p = 0, ++l; l < s; ++p, ++l) o.points = [], f = { width: 0, height: 0, edgeLabel: o, edgeObj: t, rank: l }, a = fl(e, "edge", f, "_d"), l === u && (f.width = o.width, f.height = o.height, f.dummy = "edge-label", f.labelpos = o.labelpos), e.setEdge(n, a, { weight: o.weight }, i), p === 0 && e.graph().dummyChains.push(a), n = a;
  e.setEdge(n, r, { weight: o.weight }, i);
}
function ug(e) {
  e.graph().dummyChains.forEach((t) => {
    let n = e.node(t), l = n.edgeLabel, r;
    for (e.setEdge(n.edgeObj, l); n.dummy; ) r = e.successors(t)[0], e.removeNode(t), l.points.push({ x: n.x, y: n.y }), n.dummy === "edge-label" && (l.x = n.x, l.y = n.y, l.width = n.width, l.height = n.height), t = r, n = e.node(t);
  });
}
function ui(e) {
  let t = {};
  function n(l) {
    let r = e.node(l);
    if (Object.hasOwn(t, l)) return r.rank;
    t[l] = !0;
    let s = e.outEdges(l), i = s ? s.map((u) => u == null ? Number.POSITIVE_INFINITY : n(u.w) - e.edge(u).minlen) : [], o = Dt(Math.min, i);
    return o === Number.POSITIVE_INFINITY && (o = 0), r.rank = o;
  }
  e.sources().forEach(n);
}
function ol(e, t) {
  return e.node(t.w).rank - e.node(t.v).rank - e.edge(t).minlen;
}
var Gc = fg;
function fg(e) {
  let t = new Mt({ directed: !1 }), n = e.nodes();
  if (n.length === 0) throw new Error("Graph must have at least one node");
  let l = n[0], r = e.nodeCount();
  t.setNode(l, {});
  let s, i;
  for (; dg(t, e) < r && (s = hg(t, e), !!s); ) i = t.hasNode(s.v) ? ol(e, s) : -ol(e, s), pg(t, e, i);
  return t;
}
function dg(e, t) {
  function n(l) {
    let r = t.nodeEdges(l);
    r && r.forEach((s) => {
      let i = s.v, o = l === i ? s.w : i;
      !e.hasNode(o) && !ol(t, s) && (e.setNode(o, {}), e.setEdge(l, o, {}), n(o));
    });
  }
  return e.nodes().forEach(n), e.nodeCount();
}
function hg(e, t) {
  return t.edges().reduce((n, l) => {
    let r = Number.POSITIVE_INFINITY;
    return e.hasNode(l.v) !== e.hasNode(l.w) && (r = ol(t, l)), r < n[0] ? [r, l] : n;
  }, [Number.POSITIVE_INFINITY, null])[1];
}
function pg(e, t, n) {
  e.nodes().forEach((l) => t.node(l).rank += n);
}
var { preorder: gg, postorder: mg } = ai, _g = Tn;
Tn.initLowLimValues = di;
Tn.initCutValues = fi;
Tn.calcCutValue = Uc;
Tn.leaveEdge = Kc;
Tn.enterEdge = Jc;
Tn.exchangeEdges = Zc;
function Tn(e) {
  e = Hp(e), ui(e);
  let t = Gc(e);
  di(t), fi(t, e);
  let n, l;
  for (; n = Kc(t); ) l = Jc(t, e, n), Zc(t, e, n, l);
}
function fi(e, t) {
  let n = mg(e, e.nodes());
  n = n.slice(0, n.length - 1), n.forEach((l) => wg(e, t, l));
}
function wg(e, t, n) {
  let l = e.node(n).parent, r = e.edge(n, l);
  r.cutvalue = Uc(e, t, n);
}
function Uc(e, t, n) {
  let l = e.node(n).parent, r = !0, s = t.edge(n, l), i = 0;
  s || (r = !1, s = t.edge(l, n)), i = s.weight;
  let o = t.nodeEdges(n);
  return o && o.forEach((u) => {
    let a = u.v === n, f = a ? u.w : u.v;
    if (f !== l) {
      let p = a === r, _ = t.edge(u).weight;
      if (i += p ? _ : -_, bg(e, n, f)) {
        let m = e.edge(n, f).cutvalue;
        i += p ? -m : m;
      }
    }
  }), i;
}
function di(e, t) {
  arguments.length < 2 && (t = e.nodes()[0]), Yc(e, {}, 1, t);
}
function Yc(e, t, n, l, r) {
  let s = n, i = e.node(l);
  t[l] = !0;
  let o = e.neighbors(l);
  return o && o.forEach((u) => {
    Object.hasOwn(t, u) || (n = Yc(e, t, n, u, l));
  }), i.low = s, i.lim = n++, r ? i.parent = r : delete i.parent, n;
}
function Kc(e) {
  return e.edges().find((t) => e.edge(t).cutvalue < 0);
}
function Jc(e, t, n) {
  let l = n.v, r = n.w;
  t.hasEdge(l, r) || (l = n.w, r = n.v);
  let s = e.node(l), i = e.node(r), o = s, u = !1;
  return s.lim > i.lim && (o = i, u = !0), t.edges().filter((a) => u === la(e, e.node(a.v), o) && u !== la(e, e.node(a.w), o)).reduce((a, f) => ol(t, f) < ol(t, a) ? f : a);
}
function Zc(e, t, n, l) {
  let r = n.v, s = n.w;
  e.removeEdge(r, s), e.setEdge(l.v, l.w, {}), di(e), fi(e, t), vg(e, t);
}
function vg(e, t) {
  let n = e.nodes().find((r) => !e.node(r).parent);
  if (!n) return;
  let l = gg(e, [n]);
  l = l.slice(1), l.forEach((r) => {
    let s = e.node(r).parent, i = t.edge(r, s), o = !1;
    i || (i = t.edge(s, r), o = !0), t.node(r).rank = t.node(s).rank + (o ? i.minlen : -i.minlen);
  });
}
function bg(e, t, n) {
  return e.hasEdge(t, n);
}
function la(e, t, n) {
  return n.low <= t.lim && t.lim <= n.lim;
}
var yg = kg;
function kg(e) {
  let t = e.graph().ranker;
  if (typeof t == "function") return t(e);
  switch (t) {
    case "network-simplex":
      ra(e);
      break;
    case "tight-tree":
      xg(e);
      break;
    case "longest-path":
      Eg(e);
      break;
    case "none":
      break;
    default:
      ra(e);
  }
}
var Eg = ui;
function xg(e) {
  ui(e), Gc(e);
}
function ra(e) {
  _g(e);
}
var Sg = Ng;
function Ng(e) {
  let t = Tg(e), n = e.graph();
  Array.isArray(n.dummyChains) && n.dummyChains.forEach((l) => {
    let r = e.node(l), s = r.edgeObj, i = Mg(e, t, s.v, s.w), o = i.path, u = i.lca, a = 0, f = o[a], p = !0;
    for (; l !== s.w; ) {
      if (r = e.node(l), p) {
        for (; (f = o[a]) !== u && e.node(f).maxRank < r.rank; ) a++;
        f === u && (p = !1);
      }
      if (!p) {
        for (; a < o.length - 1 && e.node(o[a + 1]).minRank <= r.rank; ) a++;
        f = o[a];
      }
      f !== void 0 && e.setParent(l, f), l = e.successors(l)[0];
    }
  });
}
function Mg(e, t, n, l) {
  let r = [], s = [], i = Math.min(t[n].low, t[l].low), o = Math.max(t[n].lim, t[l].lim), u;
  u = n;
  do
    u = e.parent(u), r.push(u);
  while (u && (t[u].low > i || o > t[u].lim));
  let a = u, f = l;
  for (; (f = e.parent(f)) !== a; ) s.push(f);
  return { path: r.concat(s.reverse()), lca: a };
}
function Tg(e) {
  let t = {}, n = 0;
  function l(r) {
    let s = n;
    e.children(r).forEach(l), t[r] = { low: s, lim: n++ };
  }
  return e.children(Tr).forEach(l), t;
}
function Og(e) {
  let t = fl(e, "root", {}, "_root"), n = $g(e), l = Object.values(n), r = Dt(Math.max, l) - 1, s = 2 * r + 1;
  e.graph().nestingRoot = t, e.edges().forEach((o) => e.edge(o).minlen *= s);
  let i = Cg(e) + 1;
  e.children(Tr).forEach((o) => {
    Qc(e, t, s, i, r, n, o);
  }), e.graph().nodeRankFactor = s;
}
function Qc(e, t, n, l, r, s, i) {
  var o;
  let u = e.children(i);
  if (!u.length) {
    i !== t && e.setEdge(t, i, { weight: 0, minlen: n });
    return;
  }
  let a = ta(e, "_bt"), f = ta(e, "_bb"), p = e.node(i);
  e.setParent(a, i), p.borderTop = a, e.setParent(f, i), p.borderBottom = f, u.forEach((_) => {
    var m;
    Qc(e, t, n, l, r, s, _);
    let y = e.node(_), N = y.borderTop ? y.borderTop : _, S = y.borderBottom ? y.borderBottom : _, M = y.borderTop ? l : 2 * l, v = N !== S ? 1 : r - ((m = s[i]) != null ? m : 0) + 1;
    e.setEdge(a, N, { weight: M, minlen: v, nestingEdge: !0 }), e.setEdge(S, f, { weight: M, minlen: v, nestingEdge: !0 });
  }), e.parent(i) || e.setEdge(t, a, { weight: 0, minlen: r + ((o = s[i]) != null ? o : 0) });
}
function $g(e) {
  let t = {};
  function n(l, r) {
    let s = e.children(l);
    s && s.length && s.forEach((i) => n(i, r + 1)), t[l] = r;
  }
  return e.children(Tr).forEach((l) => n(l, 1)), t;
}
function Cg(e) {
  return e.edges().reduce((t, n) => t + e.edge(n).weight, 0);
}
function Lg(e) {
  let t = e.graph();
  e.removeNode(t.nestingRoot), delete t.nestingRoot, e.edges().forEach((n) => {
    e.edge(n).nestingEdge && e.removeEdge(n);
  });
}
var Pg = Ag;
function Ag(e) {
  function t(n) {
    let l = e.children(n), r = e.node(n);
    if (l.length && l.forEach(t), r && Object.hasOwn(r, "minRank")) {
      r.borderLeft = [], r.borderRight = [];
      for (let s = r.minRank, i = r.maxRank + 1; s < i; ++s) sa(e, "borderLeft", "_bl", n, r, s), sa(e, "borderRight", "_br", n, r, s);
    }
  }
  e.children(Tr).forEach(t);
}
function sa(e, t, n, l, r, s) {
  let i = { width: 0, height: 0, rank: s, borderType: t }, o = r[t][s - 1], u = fl(e, "border", i, n);
  r[t][s] = u, e.setParent(u, l), o && e.setEdge(o, u, { weight: 1 });
}
function Ig(e) {
  var t;
  let n = (t = e.graph().rankdir) == null ? void 0 : t.toLowerCase();
  (n === "lr" || n === "rl") && Xc(e);
}
function Dg(e) {
  var t;
  let n = (t = e.graph().rankdir) == null ? void 0 : t.toLowerCase();
  (n === "bt" || n === "rl") && Rg(e), (n === "lr" || n === "rl") && (jg(e), Xc(e));
}
function Xc(e) {
  e.nodes().forEach((t) => ia(e.node(t))), e.edges().forEach((t) => ia(e.edge(t)));
}
function ia(e) {
  let t = e.width;
  e.width = e.height, e.height = t;
}
function Rg(e) {
  e.nodes().forEach((t) => fs(e.node(t))), e.edges().forEach((t) => {
    var n;
    let l = e.edge(t);
    (n = l.points) == null || n.forEach(fs), Object.hasOwn(l, "y") && fs(l);
  });
}
function fs(e) {
  e.y = -e.y;
}
function jg(e) {
  e.nodes().forEach((t) => ds(e.node(t))), e.edges().forEach((t) => {
    var n;
    let l = e.edge(t);
    (n = l.points) == null || n.forEach(ds), Object.hasOwn(l, "x") && ds(l);
  });
}
function ds(e) {
  let t = e.x;
  e.x = e.y, e.y = t;
}
function Fg(e, t = null) {
  let n = {}, l = e.nodes().filter((a) => !e.children(a).length), r = l.map((a) => e.node(a).rank), s = Dt(Math.max, r), i = Rl(s + 1).map(() => []);
  function o(a) {
    if (n[a]) return;
    n[a] = !0;
    let f = e.node(a);
    i[f.rank].push(a);
    let p = e.successors(a);
    p && [...p].sort((_, m) => u(_, m)).forEach(o);
  }
  l.sort((a, f) => e.node(a).rank - e.node(f).rank).forEach(o);
  function u(a, f) {
    let p = e.node(a), _ = e.node(f);
    return Bc(t, p, _);
  }
  return i;
}
function zg(e, t) {
  let n = 0;
  for (let l = 1; l < t.length; ++l) n += Vg(e, t[l - 1], t[l]);
  return n;
}
function Vg(e, t, n) {
  let l = Kp(n, n.map((a, f) => f)), r = t.flatMap((a) => {
    let f = e.outEdges(a);
    return f ? f.map((p) => ({ pos: l[p.w], weight: e.edge(p).weight })).sort((p, _) => p.pos - _.pos) : [];
  }), s = 1;
  for (; s < n.length; ) s <<= 1;
  let i = 2 * s - 1;
  s -= 1;
  let o = new Array(i).fill(0), u = 0;
  return r.forEach((a) => {
    let f = a.pos + s;
    o[f] += a.weight;
    let p = 0;
    for (; f > 0; ) f % 2 && (p += o[f + 1]), f = f - 1 >> 1, o[f] += a.weight;
    u += a.weight * p;
  }), u;
}
function Hg(e, t = []) {
  return t.map((n) => {
    let l = e.inEdges(n);
    if (!l || !l.length) return { v: n };
    {
      let r = l.reduce((s, i) => {
        let o = e.edge(i), u = e.node(i.v);
        return { sum: s.sum + o.weight * u.order, weight: s.weight + o.weight };
      }, { sum: 0, weight: 0 });
      return { v: n, barycenter: r.sum / r.weight, weight: r.weight };
    }
  });
}
function Wg(e, t) {
  let n = {};
  e.forEach((r, s) => {
    let i = { indegree: 0, in: [], out: [], vs: [r.v], i: s };
    r.barycenter !== void 0 && (i.barycenter = r.barycenter, i.weight = r.weight), n[r.v] = i;
  }), t.edges().forEach((r) => {
    let s = n[r.v], i = n[r.w];
    s !== void 0 && i !== void 0 && (i.indegree++, s.out.push(i));
  });
  let l = Object.values(n).filter((r) => !r.indegree);
  return qg(l);
}
function qg(e) {
  let t = [];
  function n(r) {
    return (s) => {
      s.merged || (s.barycenter === void 0 || r.barycenter === void 0 || s.barycenter >= r.barycenter) && Bg(r, s);
    };
  }
  function l(r) {
    return (s) => {
      s.in.push(r), --s.indegree === 0 && e.push(s);
    };
  }
  for (; e.length; ) {
    let r = e.pop();
    t.push(r), r.in.reverse().forEach(n(r)), r.out.forEach(l(r));
  }
  return t.filter((r) => !r.merged).map((r) => pr(r, ["vs", "i", "barycenter", "weight"]));
}
function Bg(e, t) {
  let n = 0, l = 0;
  e.weight && (n += e.barycenter * e.weight, l += e.weight), t.weight && (n += t.barycenter * t.weight, l += t.weight), e.vs = t.vs.concat(e.vs), e.barycenter = n / l, e.weight = l, e.i = Math.min(t.i, e.i), t.merged = !0;
}
function Gg(e, t, n, l, r) {
  let s = {}, i = null, o = null, u = r;
  typeof t == "boolean" ? (u = t, s = {}) : t && (s = t, i = n ?? null, o = l ?? null);
  let a = Gp(e, (M) => Object.hasOwn(M, "barycenter")), f = a.lhs, p = a.rhs.sort((M, v) => v.i - M.i), _ = [], m = 0, y = 0, N = 0;
  f.sort(Ug(o, i, !!u));
  for (let [M, v] of Object.entries(s)) {
    let x = f.findIndex((k) => k.vs[0] === M);
    f.splice(x + 1, 0, v);
  }
  N = oa(_, p, N), f.forEach((M) => {
    N += M.vs.length, _.push(M.vs), m += M.barycenter * M.weight, y += M.weight, N = oa(_, p, N);
  });
  let S = { vs: _.flat(1) };
  return y && (S.barycenter = m / y, S.weight = y), S;
}
function oa(e, t, n) {
  let l;
  for (; t.length && (l = t[t.length - 1]).i <= n; ) t.pop(), e.push(l.vs), n++;
  return n;
}
function Ug(e, t, n) {
  return (l, r) => {
    if (l.barycenter < r.barycenter) return -1;
    if (l.barycenter > r.barycenter) return 1;
    if (e && (typeof l.vs[0] == "string" || typeof r.vs[0] == "string")) {
      let s = e.node(l.vs[0]), i = e.node(r.vs[0]), o = Bc(t, s, i);
      if (o !== 0) return o;
    }
    return n ? r.i - l.i : l.i - r.i;
  };
}
function eu(e, t, n, l, r) {
  var s, i, o, u, a, f, p, _, m, y, N;
  let S = null, M = r;
  typeof l == "boolean" ? (M = l, S = null) : l !== void 0 && (S = l);
  let v = e.children(t), x = e.node(t), k = x ? x.borderLeft : void 0, P = x ? x.borderRight : void 0, $ = {};
  k && (v = v.filter((R) => R !== k && R !== P));
  let B = Hg(e, v);
  B.forEach((R) => {
    if (e.children(R.v).length) {
      let { result: L } = eu(e, R.v, n, S, M);
      $[R.v] = L, Object.hasOwn(L, "barycenter") && Kg(R, L);
    }
  });
  let I = Wg(B, n);
  Yg(I, $);
  let q = {}, V = !1;
  for (let R = 0; R < I.length; R++) for (let L = R + 1; L < I.length; L++) if (!(!I[R] || !I[L] || !((s = I[R]) != null && s.barycenter) || !((i = I[L]) != null && i.barycenter)) && ((o = I[R]) == null ? void 0 : o.barycenter) === I[L].barycenter) {
    let j = (a = (u = I[R]) == null ? void 0 : u.vs[0]) != null ? a : "", A = (p = (f = I[L]) == null ? void 0 : f.vs[0]) != null ? p : "", U = e.node(j), G = e.node(A);
    if (U.dummy === "edge" && G.dummy === "edge" && ((_ = U.edgeObj) == null ? void 0 : _.v) === ((m = G.edgeObj) == null ? void 0 : m.v) && ((y = U.edgeObj) == null ? void 0 : y.w) === ((N = G.edgeObj) == null ? void 0 : N.w)) if (U.edgeLabel.reversed) {
      q[A] = I[R], I.splice(R, 1), R--;
      break;
    } else q[j] || (q[j] = I[L], I.splice(L, 1), L--);
    else V = !0;
  }
  let O = Gg(I, q, S, e, M);
  if (k && P) {
    O.vs = [k, O.vs, P].flat(1);
    let R = e.predecessors(k);
    if (R && R.length) {
      let L = e.node(R[0]), j = e.predecessors(P), A = e.node(j[0]);
      Object.hasOwn(O, "barycenter") || (O.barycenter = 0, O.weight = 0), O.barycenter = (O.barycenter * O.weight + L.order + A.order) / (O.weight + 2), O.weight += 2;
    }
  }
  return Object.defineProperty(O, "result", { value: O, enumerable: !1, configurable: !0, writable: !0 }), Object.defineProperty(O, "usedBias", { value: V, enumerable: !1, configurable: !0, writable: !0 }), O;
}
function Yg(e, t) {
  e.forEach((n) => {
    n.vs = n.vs.flatMap((l) => t[l] ? t[l].vs : l);
  });
}
function Kg(e, t) {
  e.barycenter !== void 0 ? (e.barycenter = (e.barycenter * e.weight + t.barycenter * t.weight) / (e.weight + t.weight), e.weight += t.weight) : (e.barycenter = t.barycenter, e.weight = t.weight);
}
function Jg(e, t, n, l) {
  l || (l = e.nodes());
  let r = Zg(e), s = new Mt({ compound: !0 }).setGraph({ root: r }).setDefaultNodeLabel((i) => e.node(i));
  return l.forEach((i) => {
    let o = e.node(i), u = e.parent(i);
    if (o.rank === t || o.minRank <= t && t <= o.maxRank) {
      s.setNode(i), s.setParent(i, u || r);
      let a = e[n](i);
      a && a.forEach((f) => {
        let p = f.v === i ? f.w : f.v, _ = s.edge(p, i), m = _ !== void 0 ? _.weight : 0;
        s.setEdge(p, i, { weight: e.edge(f).weight + m });
      }), Object.hasOwn(o, "minRank") && s.setNode(i, { borderLeft: o.borderLeft[t], borderRight: o.borderRight[t] });
    }
  }), s;
}
function Zg(e) {
  let t;
  for (; e.hasNode(t = ci("_root")); ) ;
  return t;
}
function Qg(e, t, n) {
  let l = {}, r;
  n.forEach((s) => {
    let i = e.parent(s), o, u;
    for (; i; ) {
      if (o = e.parent(i), o ? (u = l[o], l[o] = i) : (u = r, r = i), u && u !== i) {
        t.setEdge(u, i);
        return;
      }
      i = o;
    }
  });
}
function tu(e, t = {}, n = null) {
  if (typeof t.customOrder == "function") {
    t.customOrder(e, tu);
    return;
  }
  let l = qc(e), r = aa(e, Rl(1, l + 1), "inEdges"), s = aa(e, Rl(l - 1, -1, -1), "outEdges"), i = Fg(e, n);
  if (ca(e, i), t.disableOptimalOrderHeuristic) return;
  let o = Number.POSITIVE_INFINITY, u, a = t.constraints || [];
  for (let f = 0, p = 0; p < 4; ++f, ++p) {
    Xg(f % 2 ? r : s, f % 4 >= 2, a, n), i = Nr(e);
    let _ = zg(e, i);
    _ < o ? (p = 0, u = Object.assign({}, i), o = _) : _ === o && (u = structuredClone(i));
  }
  ca(e, u);
}
function aa(e, t, n) {
  let l = /* @__PURE__ */ new Map(), r = (s, i) => {
    l.has(s) || l.set(s, []), l.get(s).push(i);
  };
  for (let s of e.nodes()) {
    let i = e.node(s);
    if (typeof i.rank == "number" && r(i.rank, s), typeof i.minRank == "number" && typeof i.maxRank == "number") for (let o = i.minRank; o <= i.maxRank; o++) o !== i.rank && r(o, s);
  }
  return t.map(function(s) {
    return Jg(e, s, n, l.get(s) || []);
  });
}
function Xg(e, t, n, l) {
  let r = !0, s = new Mt();
  e.forEach(function(i) {
    n.forEach((f) => s.setEdge(f.left, f.right));
    let o = i.graph().root, { result: u, usedBias: a } = eu(i, o, s, l, r);
    t && a && (r = !r), u.vs.forEach((f, p) => i.node(f).order = p), Qg(i, s, u.vs);
  });
}
function ca(e, t) {
  Object.values(t).forEach((n) => n.forEach((l, r) => e.node(l).order = r));
}
function em(e, t) {
  let n = {};
  function l(r, s) {
    let i = 0, o = 0, u = r.length, a = s[s.length - 1];
    return s.forEach((f, p) => {
      let _ = nm(e, f), m = _ ? e.node(_).order : u;
      (_ || f === a) && (s.slice(o, p + 1).forEach((y) => {
        let N = e.predecessors(y);
        N && N.forEach((S) => {
          let M = e.node(S), v = M.order;
          (v < i || m < v) && !(M.dummy && e.node(y).dummy) && nu(n, S, y);
        });
      }), o = p + 1, i = m);
    }), s;
  }
  return t.length && t.reduce(l), n;
}
function tm(e, t) {
  let n = {};
  function l(i) {
    var o;
    return ((o = e.node(i)) == null ? void 0 : o.dummy) === "border";
  }
  if (!e.nodes().some(l)) return n;
  function r(i, o, u, a, f) {
    Rl(o, u).forEach((p) => {
      let _ = i[p];
      if (_ !== void 0 && e.node(_).dummy) {
        let m = e.predecessors(_);
        m && m.forEach((y) => {
          if (y === void 0) return;
          let N = e.node(y);
          N.dummy && (N.order < a || N.order > f) && nu(n, y, _);
        });
      }
    });
  }
  function s(i, o) {
    let u = -1, a = -1, f = 0;
    return o.forEach((p, _) => {
      if (l(p)) {
        let m = e.predecessors(p);
        if (m && m.length) {
          let y = m[0];
          if (y === void 0) return;
          a = e.node(y).order, r(o, f, _, u, a), f = _, u = a;
        }
      }
      r(o, f, o.length, a, i.length);
    }), o;
  }
  return t.length && t.reduce(s), n;
}
function nm(e, t) {
  if (e.node(t).dummy) {
    let n = e.predecessors(t);
    if (n) return n.find((l) => e.node(l).dummy);
  }
}
function nu(e, t, n) {
  if (t > n) {
    let r = t;
    t = n, n = r;
  }
  let l = e[t];
  l || (e[t] = l = {}), l[n] = !0;
}
function lm(e, t, n) {
  if (t > n) {
    let r = t;
    t = n, n = r;
  }
  let l = e[t];
  return l !== void 0 && Object.hasOwn(l, n);
}
function rm(e, t, n, l, r) {
  let s = {}, i = {}, o = {};
  return t.forEach((u) => {
    u.forEach((a, f) => {
      s[a] = a, i[a] = a, o[a] = f;
    });
  }), t.forEach((u) => {
    let a = -1, f = -1, p = !1, _ = u, m = u.findIndex((y) => r?.includes(y) || ua(y, e, r));
    m > 0 && (_ = [u[m], ...u.slice(0, m), ...u.slice(m + 1)], p = !0), _.forEach((y) => {
      var N;
      let S = l(y);
      if (S && S.length) {
        r != null && r.includes(y) && (S = S.filter((x) => ua(x, e, r)));
        let M = S.sort((x, k) => {
          let P = o[x], $ = o[k];
          return (P !== void 0 ? P : 0) - ($ !== void 0 ? $ : 0);
        }), v = (M.length - 1) / 2;
        for (let x = Math.floor(v), k = Math.ceil(v); x <= k; ++x) {
          let P = M[x];
          if (P === void 0) continue;
          let $ = o[P];
          if ($ !== void 0 && i[y] === y && a < $ && o[P] !== f && !lm(n, y, P)) {
            let B = s[P];
            B !== void 0 && (i[P] = y, i[y] = s[y] = B, a = $, p && (a = -1, f = (N = o[P]) != null ? N : -1, p = !1));
          }
        }
      }
    });
  }), { root: s, align: i };
}
function sm(e, t, n, l, r = !1) {
  let s = {}, i = im(e, t, n, r), o = r ? "borderLeft" : "borderRight";
  function u(m, y) {
    let N = i.nodes().slice(), S = {}, M = N.pop();
    for (; M; ) {
      if (S[M]) m(M);
      else {
        S[M] = !0, N.push(M);
        for (let v of y(M)) N.push(v);
      }
      M = N.pop();
    }
  }
  function a(m) {
    let y = i.inEdges(m);
    y ? s[m] = y.reduce((N, S) => {
      var M;
      let v = (M = s[S.v]) != null ? M : 0, x = i.edge(S);
      return Math.max(N, v + (x !== void 0 ? x : 0));
    }, 0) : s[m] = 0;
  }
  function f(m) {
    let y = i.outEdges(m), N = Number.POSITIVE_INFINITY;
    y && (N = y.reduce((M, v) => {
      let x = s[v.w], k = i.edge(v);
      return Math.min(M, (x !== void 0 ? x : 0) - (k !== void 0 ? k : 0));
    }, Number.POSITIVE_INFINITY));
    let S = e.node(m);
    N !== Number.POSITIVE_INFINITY && S.borderType !== o && (s[m] = Math.max(s[m] !== void 0 ? s[m] : 0, N));
  }
  function p(m) {
    return i.predecessors(m) || [];
  }
  function _(m) {
    return i.successors(m) || [];
  }
  return u(a, p), u(f, _), Object.keys(l).forEach((m) => {
    var y;
    let N = n[m];
    N !== void 0 && (s[m] = (y = s[N]) != null ? y : 0);
  }), s;
}
function im(e, t, n, l) {
  let r = new Mt(), s = e.graph(), i = fm(s.nodesep, s.edgesep, l);
  return t.forEach((o) => {
    let u;
    o.forEach((a) => {
      let f = n[a];
      if (f !== void 0) {
        if (r.setNode(f), u !== void 0) {
          let p = n[u];
          if (p !== void 0) {
            let _ = r.edge(p, f);
            r.setEdge(p, f, Math.max(i(e, a, u), _ || 0));
          }
        }
        u = a;
      }
    });
  }), r;
}
function om(e, t) {
  return Object.values(t).reduce((n, l) => {
    let r = Number.NEGATIVE_INFINITY, s = Number.POSITIVE_INFINITY;
    Object.entries(l).forEach(([o, u]) => {
      let a = dm(e, o) / 2;
      r = Math.max(u + a, r), s = Math.min(u - a, s);
    });
    let i = r - s;
    return i < n[0] && (n = [i, l]), n;
  }, [Number.POSITIVE_INFINITY, null])[1];
}
function am(e, t) {
  let n = Object.values(t), l = Dt(Math.min, n), r = Dt(Math.max, n);
  ["u", "d"].forEach((s) => {
    ["l", "r"].forEach((i) => {
      let o = s + i, u = e[o];
      if (!u || u === t) return;
      let a = Object.values(u), f = l - Dt(Math.min, a);
      i !== "l" && (f = r - Dt(Math.max, a)), f && (e[o] = Mr(u, (p) => p + f));
    });
  });
}
function cm(e, t = void 0) {
  let n = e.ul;
  return n ? Mr(n, (l, r) => {
    var s, i;
    if (t) {
      let u = t.toLowerCase(), a = e[u];
      if (a && a[r] !== void 0) return a[r];
    }
    let o = Object.values(e).map((u) => {
      let a = u[r];
      return a !== void 0 ? a : 0;
    }).sort((u, a) => u - a);
    return (((s = o[1]) != null ? s : 0) + ((i = o[2]) != null ? i : 0)) / 2;
  }) : {};
}
function um(e, t) {
  let n = Nr(e), l = Object.assign(em(e, n), tm(e, n)), r = {}, s;
  ["u", "d"].forEach((o) => {
    s = o === "u" ? n : Object.values(n).reverse(), ["l", "r"].forEach((u) => {
      u === "r" && (s = s.map((p) => Object.values(p).reverse()));
      let a = rm(e, s, l, (p) => (o === "u" ? e.predecessors(p) : e.successors(p)) || [], t), f = sm(e, s, a.root, a.align, u === "r");
      u === "r" && (f = Mr(f, (p) => -p)), r[o + u] = f;
    });
  });
  let i = om(e, r);
  return am(r, i), cm(r, e.graph().align);
}
function fm(e, t, n) {
  return (l, r, s) => {
    let i = l.node(r), o = l.node(s), u = 0, a;
    if (u += i.width / 2, Object.hasOwn(i, "labelpos")) switch (i.labelpos.toLowerCase()) {
      case "l":
        a = -i.width / 2;
        break;
      case "r":
        a = i.width / 2;
        break;
    }
    if (a && (u += n ? a : -a), a = void 0, u += (i.dummy ? t : e) / 2, u += (o.dummy ? t : e) / 2, u += o.width / 2, Object.hasOwn(o, "labelpos")) switch (o.labelpos.toLowerCase()) {
      case "l":
        a = o.width / 2;
        break;
      case "r":
        a = -o.width / 2;
        break;
    }
    return a && (u += n ? a : -a), u;
  };
}
function dm(e, t) {
  return e.node(t).width;
}
function ua(e, t, n) {
  var l;
  if (!n) return !1;
  let r = (l = t.node(e)) == null ? void 0 : l.edgeObj;
  if (!r || t.node(e).edgeLabel.reversed) return !1;
  let s = n.indexOf(r?.v), i = n.indexOf(r?.w);
  return s !== -1 && i !== -1 && s === (i + 1) % n.length || s === (i - 1) % n.length;
}
function hm(e, t) {
  e = Hc(e), pm(e), Object.entries(um(e, t)).forEach(([n, l]) => e.node(n).x = l);
}
function pm(e) {
  let t = Nr(e), n = e.graph(), l = n.ranksep, r = n.rankalign, s = 0;
  t.forEach((i) => {
    let o = i.reduce((u, a) => {
      var f;
      let p = (f = e.node(a).height) != null ? f : 0;
      return u > p ? u : p;
    }, 0);
    i.forEach((u) => {
      let a = e.node(u);
      r === "top" ? a.y = s + a.height / 2 : r === "bottom" ? a.y = s + o - a.height / 2 : a.y = s + o / 2;
    }), s += o + l;
  });
}
var fa = /* @__PURE__ */ new WeakMap();
function gm(e, t = {}) {
  return lu(e, Up, t), e;
}
function da(e, t, n) {
  let l = t;
  for (; l !== void 0; ) {
    let r = e.parent(l);
    if (r === n) return l;
    l = r;
  }
}
function lu(e, t, n) {
  var l;
  let r = e.nodes().filter((v) => e.children(v).length), s = {};
  r.forEach((v) => {
    let x = e.node(v);
    if (x && x.rankdir) {
      let k = new Mt({ multigraph: !0, compound: !0 });
      k.setGraph({ rankdir: x.rankdir });
      let P = e.children(v);
      P.forEach((j) => {
        let A = { ...e.node(j) };
        k.setNode(j, A);
        let U = e.parent(j);
        U && U !== v && P.includes(U) && k.setParent(j, U);
      });
      let $ = /* @__PURE__ */ new Set();
      e.edges().forEach((j) => {
        let A = da(e, j.v, v), U = da(e, j.w, v);
        if (A === j.v && U === j.w) k.setEdge(j, { ...e.edge(j) });
        else if (A && U && A !== U) {
          let G = `${A}\0${U}`;
          $.has(G) || ($.add(G), k.setEdge(A, U, { ...e.edge(j) }));
        }
      }), lu(k, t, n);
      let B = _a(k);
      pa(B, t, n, null), ga(k, B);
      let I = 1 / 0, q = 1 / 0, V = -1 / 0, O = -1 / 0;
      k.nodes().forEach((j) => {
        if (j === v) return;
        let A = k.node(j);
        A && typeof A.x == "number" && typeof A.y == "number" && typeof A.width == "number" && typeof A.height == "number" && (I = Math.min(I, A.x - A.width / 2), V = Math.max(V, A.x + A.width / 2), q = Math.min(q, A.y - A.height / 2), O = Math.max(O, A.y + A.height / 2));
      }), (!isFinite(I) || !isFinite(q) || !isFinite(V) || !isFinite(O)) && (I = q = 0, V = O = 0);
      let R = V - I, L = O - q;
      s[v] = { minX: I, minY: q, maxX: V, maxY: O, width: R, height: L, offsetX: I, offsetY: q }, x._dagreClusterSubgraph = k;
    }
  });
  let i = [], o = (v) => {
    let x = [], k = (e.children(v) || []).filter((P) => P !== v);
    for (; k.length > 0; ) {
      let P = k.shift();
      x.push(P), (e.children(P) || []).filter(($) => $ !== P).forEach(($) => k.push($));
    }
    return x;
  }, u = /* @__PURE__ */ new Map();
  r.forEach((v) => {
    let x = e.node(v);
    x && x.rankdir && s[v] && u.set(v, (e.children(v) || []).filter((k) => k !== v));
  });
  let a = new Set([...u.values()].flat()), f = /* @__PURE__ */ new Map();
  u.forEach((v, x) => {
    a.has(x) || f.set(x, o(x));
  });
  let p = new Set([...f.values()].flat()), _ = (v) => {
    for (let [x, k] of f) if (k.includes(v)) return x;
    return v;
  }, m = [];
  e.edges().forEach((v) => {
    (p.has(v.v) || p.has(v.w)) && m.push({ edge: v, label: e.edge(v) });
  });
  let y = /* @__PURE__ */ new Map();
  p.forEach((v) => {
    let x = e.parent(v);
    y.set(v, typeof x == "string" ? x : void 0);
  }), f.forEach((v, x) => {
    let k = e.node(x), P = [];
    v.forEach((I) => {
      let q = e.node(I);
      q && (P.push({ id: I, node: q, parent: y.get(I) }), e.removeNode(I));
    });
    let $ = m.filter(({ edge: I }) => v.includes(I.v) || v.includes(I.w)), B = s[x];
    k && (i.push({ clusterId: x, subgraph: k._dagreClusterSubgraph, bounds: B, children: v, removedNodes: P, removedEdges: $ }), k.width = B.width, k.height = B.height);
  });
  let N = /* @__PURE__ */ new Set();
  m.forEach(({ edge: v, label: x }) => {
    let k = _(v.v), P = _(v.w);
    if (k !== P && e.hasNode(k) && e.hasNode(P)) {
      let $ = `${k}\0${P}`;
      N.has($) || (N.add($), e.setEdge(k, P, { ...x, width: 0, height: 0 }));
    }
  });
  let S = _a(e), M = pa(S, t, n, (l = fa.get(e)) != null ? l : null);
  fa.set(e, M), ga(e, S), N.forEach((v) => {
    let x = v.indexOf("\0"), k = v.slice(0, x), P = v.slice(x + 1);
    e.hasEdge(k, P) && e.removeEdge(k, P);
  }), i.forEach(({ clusterId: v, subgraph: x, bounds: k, removedNodes: P, removedEdges: $ }) => {
    var B, I;
    let q = e.node(v), V = (B = q?.x) != null ? B : 0, O = (I = q?.y) != null ? I : 0, R = (k.minX + k.maxX) / 2, L = (k.minY + k.maxY) / 2;
    P.forEach(({ id: j, node: A, parent: U }) => {
      e.setNode(j, A), U !== void 0 && e.setParent(j, U);
    }), $.forEach(({ edge: j, label: A }) => {
      e.setEdge(j, A);
    }), x.nodes().forEach((j) => {
      if (j === v) return;
      let A = x.node(j), U = e.node(j);
      U && A && typeof A.x == "number" && typeof A.y == "number" && (U.x = V + (A.x - R), U.y = O + (A.y - L));
    }), ha(e, x, V - R, O - L), delete q._dagreClusterSubgraph;
  }), r.forEach((v) => {
    var x, k;
    let P = e.node(v), $ = s[v];
    if (P && P.rankdir && P._dagreClusterSubgraph && $) {
      let B = P._dagreClusterSubgraph, I = (x = P.x) != null ? x : 0, q = (k = P.y) != null ? k : 0, V = ($.minX + $.maxX) / 2, O = ($.minY + $.maxY) / 2;
      B.nodes().forEach((R) => {
        if (R === v) return;
        let L = B.node(R), j = e.node(R);
        if (j && L && typeof L.x == "number" && typeof L.y == "number") {
          let A = L.x - V, U = L.y - O;
          j.x = I + A, j.y = q + U;
        }
      }), ha(e, B, I - V, q - O), delete P._dagreClusterSubgraph;
    }
  });
}
function ha(e, t, n, l) {
  t.edges().forEach((r) => {
    if (!e.hasEdge(r)) return;
    let s = t.edge(r), i = e.edge(r);
    i.points = s.points.map((o) => ({ x: o.x + n, y: o.y + l })), Object.hasOwn(s, "x") && (i.x = s.x + n, i.y = s.y + l);
  });
}
function pa(e, t, n, l = null) {
  var r, s;
  let i = n?.useDynamic !== !1, o = i && (r = l?.graph) != null ? r : null, u = i && (s = l?.rawNodes) != null ? s : null;
  t("    makeSpaceForEdgeLabels", () => Em(e)), t("    removeSelfEdges", () => Lm(e)), t("    acyclic", () => rg(e, o)), t("    nestingGraph.run", () => Og(e)), t("    rank", () => yg(Hc(e))), t("    injectEdgeLabelProxies", () => xm(e)), t("    removeEmptyRanks", () => qp(e)), t("    nestingGraph.cleanup", () => Lg(e)), t("    normalizeRanks", () => Wp(e)), t("    assignRankMinMax", () => Sm(e)), t("    removeEdgeLabelProxies", () => Nm(e)), t("    normalize.run", () => ag(e)), t("    parentDummyChains", () => Sg(e)), t("    addBorderSegments", () => Pg(e)), t("    order", () => tu(e, n, u)), t("    insertSelfEdges", () => Pm(e)), t("    adjustCoordinateSystem", () => Ig(e)), t("    position", () => hm(e, n.corePath)), t("    positionSelfEdges", () => Am(e));
  let a = JSON.parse(JSON.stringify(e._nodes));
  return t("    removeBorderNodes", () => Cm(e)), t("    normalize.undo", () => ug(e)), t("    fixupEdgeLabelCoords", () => Om(e)), t("    undoCoordinateSystem", () => Dg(e)), t("    translateGraph", () => Mm(e)), t("    assignNodeIntersects", () => Tm(e)), t("    reversePoints", () => $m(e)), t("    acyclic.undo", () => ig(e)), { graph: e, rawNodes: a };
}
function ga(e, t) {
  e.nodes().forEach((n) => {
    let l = e.node(n), r = t.node(n);
    l && (l.x = r.x, l.y = r.y, l.order = r.order, l.rank = r.rank, t.children(n).length && (l.width = r.width, l.height = r.height));
  }), e.edges().forEach((n) => {
    let l = e.edge(n), r = t.edge(n);
    l.points = r.points, Object.hasOwn(r, "x") && (l.x = r.x, l.y = r.y);
  }), e.graph().width = t.graph().width, e.graph().height = t.graph().height;
}
var mm = ["nodesep", "edgesep", "ranksep", "marginx", "marginy"], _m = { ranksep: 50, edgesep: 20, nodesep: 50, rankdir: "TB", rankalign: "center" }, wm = ["acyclicer", "ranker", "rankdir", "align", "rankalign"], vm = ["width", "height", "rank"], ma = { width: 0, height: 0 }, bm = ["minlen", "weight", "width", "height", "labeloffset"], ym = { minlen: 1, weight: 1, width: 0, height: 0, labeloffset: 10, labelpos: "r" }, km = ["labelpos"];
function _a(e) {
  let t = new Mt({ multigraph: !0, compound: !0 }), n = ps(e.graph());
  return t.setGraph(Object.assign({}, _m, hs(n, mm), pr(n, wm))), e.nodes().forEach((l) => {
    let r = ps(e.node(l)), s = hs(r, vm);
    Object.keys(ma).forEach((o) => {
      s[o] === void 0 && (s[o] = ma[o]);
    }), t.setNode(l, s);
    let i = e.parent(l);
    i !== void 0 && t.setParent(l, i);
  }), e.edges().forEach((l) => {
    let r = ps(e.edge(l));
    t.setEdge(l, Object.assign({}, ym, hs(r, bm), pr(r, km)));
  }), t;
}
function Em(e) {
  let t = e.graph();
  t.ranksep /= 2, e.edges().forEach((n) => {
    var l;
    let r = e.edge(n);
    r.minlen *= 2, ((l = r.labelpos) != null ? l : "r").toLowerCase() !== "c" && (t.rankdir === "TB" || t.rankdir === "BT" ? r.width += r.labeloffset : r.height += r.labeloffset);
  });
}
function xm(e) {
  e.edges().forEach((t) => {
    let n = e.edge(t);
    if (n.width && n.height) {
      let l = e.node(t.v), r = { rank: (e.node(t.w).rank - l.rank) / 2 + l.rank, e: t };
      fl(e, "edge-proxy", r, "_ep");
    }
  });
}
function Sm(e) {
  let t = 0;
  e.nodes().forEach((n) => {
    let l = e.node(n);
    l.borderTop && (l.minRank = e.node(l.borderTop).rank, l.maxRank = e.node(l.borderBottom).rank, t = Math.max(t, l.maxRank));
  }), e.graph().maxRank = t;
}
function Nm(e) {
  e.nodes().forEach((t) => {
    let n = e.node(t);
    if (n.dummy === "edge-proxy") {
      let l = n;
      e.edge(l.e).labelRank = n.rank, e.removeNode(t);
    }
  });
}
function Mm(e) {
  let t = Number.POSITIVE_INFINITY, n = 0, l = Number.POSITIVE_INFINITY, r = 0, s = e.graph(), i = s.marginx || 0, o = s.marginy || 0;
  function u(a) {
    let f = a.x, p = a.y, _ = a.width, m = a.height;
    t = Math.min(t, f - _ / 2), n = Math.max(n, f + _ / 2), l = Math.min(l, p - m / 2), r = Math.max(r, p + m / 2);
  }
  e.nodes().forEach((a) => u(e.node(a))), e.edges().forEach((a) => {
    let f = e.edge(a);
    Object.hasOwn(f, "x") && u(f);
  }), t -= i, l -= o, e.nodes().forEach((a) => {
    let f = e.node(a);
    f.x -= t, f.y -= l;
  }), e.edges().forEach((a) => {
    let f = e.edge(a);
    f.points.forEach((p) => {
      p.x -= t, p.y -= l;
    }), Object.hasOwn(f, "x") && (f.x -= t), Object.hasOwn(f, "y") && (f.y -= l);
  }), s.width = n - t + i, s.height = r - l + o;
}
function Tm(e) {
  e.edges().forEach((t) => {
    if (t.v === t.w) return;
    let n = e.edge(t), l = e.node(t.v), r = e.node(t.w), s, i;
    n.points ? (s = n.points[0], i = n.points[n.points.length - 1]) : (n.points = [], s = r, i = l), n.points.unshift(ea(l, s)), n.points.push(ea(r, i));
  });
}
function Om(e) {
  e.edges().forEach((t) => {
    let n = e.edge(t);
    if (Object.hasOwn(n, "x")) switch ((n.labelpos === "l" || n.labelpos === "r") && (n.width -= n.labeloffset), n.labelpos) {
      case "l":
        n.x -= n.width / 2 + n.labeloffset;
        break;
      case "r":
        n.x += n.width / 2 + n.labeloffset;
        break;
    }
  });
}
function $m(e) {
  e.edges().forEach((t) => {
    let n = e.edge(t);
    n.reversed && n.points.reverse();
  });
}
function Cm(e) {
  e.nodes().forEach((t) => {
    if (e.children(t).length) {
      let n = e.node(t), l = e.node(n.borderTop), r = e.node(n.borderBottom), s = e.node(n.borderLeft[n.borderLeft.length - 1]), i = e.node(n.borderRight[n.borderRight.length - 1]);
      n.width = Math.abs(i.x - s.x), n.height = Math.abs(r.y - l.y), n.x = s.x + n.width / 2, n.y = l.y + n.height / 2;
    }
  }), e.nodes().forEach((t) => {
    e.node(t).dummy === "border" && e.removeNode(t);
  });
}
function Lm(e) {
  e.edges().forEach((t) => {
    if (t.v === t.w) {
      let n = e.node(t.v);
      n.selfEdges || (n.selfEdges = []), n.selfEdges.push({ e: t, label: e.edge(t) }), e.removeEdge(t);
    }
  });
}
function Pm(e) {
  Nr(e).forEach((t) => {
    let n = 0;
    t.forEach((l, r) => {
      let s = e.node(l);
      typeof s.rank != "number" && (s.rank = 0), s.order = r + n, (s.selfEdges || []).forEach((i) => {
        fl(e, "selfedge", { width: i.label.width, height: i.label.height, rank: s.rank, order: r + ++n, e: i.e, edgeLabel: i.label }, "_se"), (!Array.isArray(i.label.points) || i.label.points.length !== 7) && (i.label.points = [{ x: 0, y: -10 }, { x: 0, y: -10 }, { x: 0, y: 0 }, { x: 0, y: 10 }, { x: 0, y: 10 }, { x: 0, y: 0 }, { x: 0, y: 0 }]);
      }), delete s.selfEdges;
    });
  });
}
function Am(e) {
  e.nodes().forEach((t) => {
    let n = e.node(t), l = (r) => typeof r == "number" && isFinite(r);
    if (n.dummy === "selfedge") {
      let r = n, s = e.node(r.e.v), i = l(s?.x) ? s.x : 0, o = l(s?.y) ? s.y : 0, u = l(s?.width) ? s.width : 0, a = l(s?.height) ? s.height : 0, f = l(n.x) ? n.x : i, p = l(n.y) ? n.y : o, _ = u / 2, m = a / 2;
      r.edgeLabel.points = [{ x: f + _, y: p - m }, { x: f + _, y: p - m }, { x: f, y: p }, { x: f - _, y: p + m }, { x: f - _, y: p + m }, { x: f, y: p }, { x: f, y: p }], r.edgeLabel.x = f, r.edgeLabel.y = p, e.setEdge(r.e, r.edgeLabel), e.removeNode(t);
    } else n && Array.isArray(n.selfEdges) && n.selfEdges.forEach((r) => {
      if (!Array.isArray(r.label.points) || r.label.points.length !== 7) {
        let s = l(n.x) ? n.x : 0, i = l(n.y) ? n.y : 0, o = l(n.width) ? n.width : 0, u = l(n.height) ? n.height : 0, a = o / 2, f = u / 2;
        r.label.points = [{ x: s + a, y: i - f }, { x: s + a, y: i - f }, { x: s, y: i }, { x: s - a, y: i + f }, { x: s - a, y: i + f }, { x: s, y: i }, { x: s, y: i }];
      }
    });
  });
}
function hs(e, t) {
  return Mr(pr(e, t), Number);
}
function ps(e) {
  let t = {};
  return e && Object.entries(e).forEach(([n, l]) => {
    typeof n == "string" && (n = n.toLowerCase()), t[n] = l;
  }), t;
}
const Im = { width: 204, height: 146 }, lr = "", Dm = { width: 74, height: 34 }, Rm = { width: 54, height: 16 }, wa = 8, jm = 8, El = /* @__PURE__ */ new Map();
function va(e, t, n) {
  const l = JSON.stringify([n, e, t.map((i) => [i.caller, i.callee])]), r = El.get(l);
  if (r) return r;
  const s = Vm(e, t, n);
  return El.size >= jm && El.delete(El.keys().next().value ?? ""), El.set(l, s), s;
}
function Fm(e, t, n) {
  const l = va(e, t, "LR");
  if (l.width * Is <= n || e.length > zm) return l;
  const r = va(e, t, "TB");
  return r.width * Is <= n ? r : l;
}
const zm = 12, Is = 0.8;
function Vm(e, t, n) {
  const l = new Mt({ multigraph: !1 });
  l.setGraph({ rankdir: n, nodesep: 22, ranksep: n === "LR" ? 18 : 26, edgesep: 12, marginx: wa, marginy: wa });
  const r = new Set(e);
  for (const i of e) l.setNode(Xl(i), { ...Im });
  for (const { caller: i, callee: o } of t)
    !r.has(o) || !(i === lr || r.has(i)) || (i === lr && l.setNode(Xl(lr), { ...Dm }), l.setEdge(Xl(i), Xl(o), { ...Rm, labelpos: "c" }));
  gm(l);
  const s = l.graph();
  return {
    width: Math.ceil(s.width ?? 0),
    height: Math.ceil(s.height ?? 0),
    boxes: new Map(l.nodes().map((i) => [gs(i), ms(l.node(i))])),
    edges: l.edges().map(({ v: i, w: o }) => {
      const [u, a] = [ms(l.node(i)), ms(l.node(o))];
      return { ...{ caller: gs(i), callee: gs(o) }, ...Hm(u, a, n) ?? qm(l.edge(i, o)) };
    })
  };
}
function Xl(e) {
  return `/${e}`;
}
function gs(e) {
  return e.slice(1);
}
function ms(e) {
  return { x: e.x - e.width / 2, y: e.y - e.height / 2, width: e.width, height: e.height };
}
function Hm(e, t, n) {
  const l = n === "LR", r = l ? { x: e.x + e.width, y: e.y + e.height / 2 } : { x: e.x + e.width / 2, y: e.y + e.height }, s = l ? { x: t.x, y: t.y + t.height / 2 } : { x: t.x + t.width / 2, y: t.y }, i = l ? s.x - r.x : s.y - r.y;
  if (i <= 0 || i > Wm) return null;
  const o = { x: (r.x + s.x) / 2, y: (r.y + s.y) / 2 }, u = l ? `${o.x},${r.y} ${o.x},${s.y}` : `${r.x},${o.y} ${s.x},${o.y}`;
  return { path: `M${r.x},${r.y}C${u} ${s.x},${s.y}`, label: o };
}
const Wm = 150;
function qm({ points: e, x: t, y: n }) {
  const l = e[Math.floor(e.length / 2)] ?? { x: 0, y: 0 };
  return { path: Bm(e), label: { x: t ?? l.x, y: n ?? l.y } };
}
function Bm(e) {
  const [t, ...n] = e.map(({ x: s, y: i }) => ({ x: Math.round(s * 10) / 10, y: Math.round(i * 10) / 10 })), l = n.at(-1);
  if (!t || !l) return "";
  let r = `M${t.x},${t.y}`;
  for (let s = 0; s < n.length - 1; s++) {
    const i = n[s], o = n[s + 1], u = s === n.length - 2 ? o : { x: (i.x + o.x) / 2, y: (i.y + o.y) / 2 };
    r += `Q${i.x},${i.y} ${u.x},${u.y}`;
  }
  return n.length === 1 ? `${r}L${l.x},${l.y}` : r;
}
const Gm = 900;
function Um({ frame: e, client: t, live: n, visible: l }) {
  const [r, s] = xe(""), i = _r(), o = pe(null), u = En((p) => s((_) => _ === p ? "" : p), []), a = En(() => {
    s(""), o.current?.querySelector(".ks-chosen")?.focus();
  }, []), f = e.nodes.find((p) => p.name === r);
  return /* @__PURE__ */ h("section", { class: "ks-graph-view", "aria-label": `live graph of app ${e.app}`, children: [
    /* @__PURE__ */ h(Ym, { frame: e }),
    e.nodes.length === 0 ? /* @__PURE__ */ h(ct, { children: [
      "App ",
      e.app,
      " has no deployments."
    ] }) : /* @__PURE__ */ h("div", { ref: o, children: /* @__PURE__ */ h(Km, { frame: e, chosen: r, panelId: i, live: n, onChoose: u }) }),
    f && /* @__PURE__ */ h(lp, { id: i, node: f, frame: e, client: t, live: n, visible: l, onClose: a }, r)
  ] });
}
function Ym({ frame: e }) {
  return /* @__PURE__ */ h("header", { class: "ks-head", children: [
    /* @__PURE__ */ h("b", { class: "ks-cut", title: e.app, children: e.app }),
    e.gone ? /* @__PURE__ */ h(Zn, { children: "deleted" }) : /* @__PURE__ */ h(Zn, { tone: Il(e.status), title: e.message, children: Dl(e.status) }),
    /* @__PURE__ */ h("span", { class: "ks-muted", children: [
      "revision ",
      e.revision
    ] }),
    e.deploying !== null && /* @__PURE__ */ h(Zn, { tone: "busy", children: [
      "deploying r",
      e.deploying
    ] }),
    e.trial !== null && /* @__PURE__ */ h(Zn, { tone: "trial", title: "answers shadow requests until it is accepted", children: [
      "r",
      e.trial,
      " on trial"
    ] }),
    e.url && !e.gone && /* @__PURE__ */ h("span", { class: "ks-cut ks-url", children: /* @__PURE__ */ h(of, { url: e.url }) }),
    e.message && /* @__PURE__ */ h("span", { class: "ks-message ks-cut", title: e.message, children: e.message })
  ] });
}
function Km({ frame: e, chosen: t, panelId: n, live: l, onChoose: r }) {
  const [s, i] = Ha(), o = e.nodes.map((S) => S.name).join(`
`) + JSON.stringify(e.edges.map((S) => [S.caller, S.callee])), u = i ?? Gm, a = e.nodes.map((S) => S.name), f = Rt(() => Fm(a, e.edges, u), [o, u]), p = Zm(e), _ = Math.max(Is, Math.min(1, u / f.width)), m = f.boxes.get(lr), y = pe(null), N = En((S) => {
    y.current = S, s(S);
  }, [s]);
  return qs(() => {
    const S = m ?? f.boxes.values().next().value, M = y.current;
    S && M && (M.scrollTop = (S.y + S.height / 2) * _ - M.clientHeight / 2);
  }, [f]), /* @__PURE__ */ h("div", { class: "ks-canvas", ref: N, children: /* @__PURE__ */ h("div", { class: "ks-sized", style: { width: `${f.width * _}px`, height: `${f.height * _}px` }, children: /* @__PURE__ */ h("div", { class: "ks-plane", style: { width: `${f.width}px`, height: `${f.height}px`, transform: `scale(${_})` }, children: [
    /* @__PURE__ */ h(dp, { layout: f, edges: e.edges, live: l }),
    m && /* @__PURE__ */ h("span", { class: "ks-clients", style: { left: `${m.x}px`, top: `${m.y}px` }, title: "requests from outside", children: "clients" }),
    e.nodes.map((S) => /* @__PURE__ */ h(
      ip,
      {
        node: S,
        box: f.boxes.get(S.name),
        now: e.time,
        fresh: p.has(S.name),
        chosen: S.name === t,
        panelId: n,
        onChoose: r
      },
      S.name
    ))
  ] }) }) });
}
const Jm = 6;
function Zm(e) {
  const t = pe(/* @__PURE__ */ new Map()), n = pe(!0), l = /* @__PURE__ */ new Set();
  for (const r of e.nodes) {
    const s = `${e.revision} ${r.revision} ${r.action}`, i = t.current.get(r.name), o = i?.did === s ? i.at : n.current ? -1 / 0 : e.time;
    t.current.set(r.name, { did: s, at: o }), e.time - o < Jm && l.add(r.name);
  }
  return n.current = !1, l;
}
function ba({ label: e, text: t }) {
  const [n, l] = xe(""), r = async () => {
    try {
      await navigator.clipboard.writeText(t), l("copied");
    } catch {
      l("by hand");
    }
  };
  return /* @__PURE__ */ h(Ft, { children: [
    /* @__PURE__ */ h("button", { type: "button", class: "ks-button", title: t, onClick: () => void r(), children: e }),
    n === "copied" && /* @__PURE__ */ h("span", { role: "status", children: "✓ copied" }),
    n === "by hand" && /* @__PURE__ */ h(Qm, { label: e, text: t })
  ] });
}
function Qm({ label: e, text: t }) {
  const n = pe(!1);
  return /* @__PURE__ */ h("span", { class: "ks-by-hand", children: [
    /* @__PURE__ */ h("span", { children: "The browser does not let this page copy; press Ctrl+C:" }),
    /* @__PURE__ */ h("textarea", { class: "ks-input ks-mono", readOnly: !0, rows: 3, value: t, ref: (r) => {
      !r || n.current || (n.current = !0, r.focus(), r.select());
    }, "aria-label": e })
  ] });
}
const ya = 100, Xm = 2, e_ = 12;
function t_({ value: e }) {
  return /* @__PURE__ */ h("div", { class: "ks-json", children: /* @__PURE__ */ h(ru, { name: null, value: e, depth: 0 }) });
}
function ru({ name: e, value: t, depth: n }) {
  const l = e === null ? null : /* @__PURE__ */ h("span", { class: "ks-json-key", children: [
    e,
    ": "
  ] });
  return typeof t != "object" || t === null ? /* @__PURE__ */ h("div", { class: "ks-json-leaf", children: [
    l,
    /* @__PURE__ */ h(n_, { value: t })
  ] }) : /* @__PURE__ */ h(l_, { label: l, value: t, depth: n });
}
function n_({ value: e }) {
  return /* @__PURE__ */ h("span", { class: `ks-json-${e === null ? "null" : typeof e}`, children: JSON.stringify(e) });
}
function l_({ label: e, value: t, depth: n }) {
  const l = Object.entries(t), [r, s] = xe(n < Xm && l.length <= e_), [i, o] = xe(ya), u = Array.isArray(t), a = tl(l.length, u ? "item" : "entry", u ? "items" : "entries");
  return /* @__PURE__ */ h("details", { open: r, onToggle: (f) => s(f.currentTarget.open), children: [
    /* @__PURE__ */ h("summary", { children: [
      e,
      /* @__PURE__ */ h("span", { class: "ks-muted", children: u ? `[${a}]` : `{${a}}` })
    ] }),
    r && /* @__PURE__ */ h("div", { class: "ks-json-inside", children: [
      l.slice(0, i).map(([f, p]) => /* @__PURE__ */ h(ru, { name: f, value: p, depth: n + 1 }, f)),
      l.length > i && /* @__PURE__ */ h("button", { type: "button", class: "ks-button", onClick: () => o(i + ya), children: [
        l.length - i,
        " more"
      ] })
    ] })
  ] });
}
const r_ = /^image\/(png|jpeg|gif|webp|bmp|avif)$/, s_ = /^[A-Za-z0-9+/=\s]*$/;
function Ds({ title: e, body: t }) {
  return /* @__PURE__ */ h("figure", { class: "ks-payload", "aria-label": e, children: [
    /* @__PURE__ */ h("figcaption", { children: [
      e,
      t && /* @__PURE__ */ h("span", { class: "ks-muted", children: [
        " ",
        t.content_type,
        " ",
        fr(t.size),
        t.cut ? ", the beginning" : ""
      ] })
    ] }),
    t ? /* @__PURE__ */ h(i_, { body: t }) : /* @__PURE__ */ h("p", { class: "ks-muted", children: "not recorded" })
  ] });
}
function i_({ body: e }) {
  if (e.form === "json") return /* @__PURE__ */ h(o_, { text: e.text });
  const t = e.content_type.split(";")[0]?.trim().toLowerCase() ?? "";
  return e.form === "image" && r_.test(t) && s_.test(e.data) ? /* @__PURE__ */ h("img", { class: "ks-image", src: `data:${t};base64,${e.data}`, alt: `image, ${fr(e.size)}` }) : e.form === "array" ? /* @__PURE__ */ h("p", { class: "ks-mono ks-note", children: [
    "▦ ",
    e.text
  ] }) : e.form === "text" ? /* @__PURE__ */ h("pre", { class: "ks-text", tabIndex: 0, children: e.text || "(empty)" }) : /* @__PURE__ */ h("p", { class: "ks-mono ks-note", children: e.text || `binary, ${fr(e.size)}` });
}
function o_({ text: e }) {
  const t = Rt(() => a_(e), [e]);
  return t ? /* @__PURE__ */ h(t_, { value: t.value }) : /* @__PURE__ */ h("pre", { class: "ks-text", tabIndex: 0, children: e });
}
function a_(e) {
  try {
    return { value: JSON.parse(e) };
  } catch {
    return null;
  }
}
const c_ = { text: "", status: "", slowerThan: null }, u_ = 499;
function hi(e) {
  return e.status === "cancelled" || e.status === u_ ? "cancelled" : e.failed || e.status === "error" || typeof e.status == "number" && e.status >= 500 ? "error" : "ok";
}
function f_(e, t) {
  if (t.status && hi(e) !== t.status || t.slowerThan !== null && e.duration * 1e3 <= t.slowerThan) return !1;
  const n = t.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (n.length === 0) return !0;
  const l = [e.id, e.method, e.path, e.status, e.error, `r${e.revision}`, ...e.deployments].join(" ").toLowerCase();
  return n.every((r) => l.includes(r));
}
const ka = { column: "time", descending: !0 };
function d_(e, t) {
  const n = h_[t.column], l = t.descending ? -1 : 1;
  return e.toSorted((r, s) => {
    const [i, o] = [n(r), n(s)];
    return i < o ? -l : i > o ? l : 0;
  });
}
const h_ = {
  time: (e) => e.time,
  status: (e) => String(e.status),
  request: (e) => `${e.path} ${e.method}`,
  duration: (e) => e.duration,
  revision: (e) => e.revision
};
function p_(e, t) {
  return e.column === t ? { column: t, descending: !e.descending } : { column: t, descending: t === "time" || t === "duration" || t === "revision" };
}
const su = [
  { name: "time", label: "Time" },
  { name: "status", label: "Status" },
  { name: "request", label: "Request" },
  { name: "duration", label: "Duration" },
  { name: "", label: "Deployments", wide: !0 },
  { name: "revision", label: "Rev", wide: !0 }
], pi = 27, Ea = 14, xa = 8, Sa = 4 * pi, g_ = { ok: "✓", error: "▲", cancelled: "⊘" };
function m_({ rows: e, sort: t, chosen: n, onSort: l, onOpen: r }) {
  const [s, i] = xe(0), o = Math.max(0, Math.min(Math.floor(s / pi), e.length - Ea) - xa), u = e.slice(o, o + Ea + 2 * xa);
  return /* @__PURE__ */ h("div", { class: "ks-request-list", tabIndex: 0, role: "region", "aria-label": "requests", onScroll: (f) => {
    const p = Math.floor(f.currentTarget.scrollTop / Sa) * Sa;
    p !== s && i(p);
  }, children: /* @__PURE__ */ h("table", { class: "ks-table ks-requests-table", "aria-rowcount": e.length + 1, children: [
    /* @__PURE__ */ h("thead", { children: /* @__PURE__ */ h("tr", { children: su.map((f) => /* @__PURE__ */ h(__, { column: f, sort: t, onSort: l }, f.label)) }) }),
    /* @__PURE__ */ h("tbody", { children: [
      o > 0 && /* @__PURE__ */ h(Na, { rows: o }, "above"),
      u.map((f) => /* @__PURE__ */ h(w_, { row: f, chosen: f.id === n, onOpen: r }, f.id)),
      o + u.length < e.length && /* @__PURE__ */ h(Na, { rows: e.length - o - u.length }, "below")
    ] })
  ] }) });
}
function Na({ rows: e }) {
  return /* @__PURE__ */ h("tr", { "aria-hidden": "true", class: "ks-gap", children: /* @__PURE__ */ h("td", { colSpan: su.length, style: { height: `${e * pi}px` } }) });
}
function __({ column: { name: e, label: t, wide: n }, sort: l, onSort: r }) {
  const s = `ks-col-${t.toLowerCase()}${n ? " ks-wide" : ""}`;
  if (!e) return /* @__PURE__ */ h("th", { scope: "col", class: s, children: t });
  const i = l.column === e;
  return /* @__PURE__ */ h("th", { scope: "col", class: s, "aria-sort": i ? l.descending ? "descending" : "ascending" : "none", children: /* @__PURE__ */ h("button", { type: "button", class: "ks-sort", onClick: () => r(e), children: [
    t,
    /* @__PURE__ */ h("span", { "aria-hidden": "true", children: i ? l.descending ? " ↓" : " ↑" : "" })
  ] }) });
}
class w_ extends tn {
  shouldComponentUpdate(t) {
    return t.row !== this.props.row || t.chosen !== this.props.chosen || t.onOpen !== this.props.onOpen;
  }
  render({ row: t, chosen: n, onOpen: l }) {
    const r = hi(t), s = `${t.method} ${t.path}`;
    return /* @__PURE__ */ h("tr", { class: `ks-request ks-was-${r}${n ? " ks-chosen" : ""}`, "data-request": t.id, onClick: () => l(t.id), children: [
      /* @__PURE__ */ h("td", { class: "ks-number", title: t.id, children: Gt(t.time, !0) }),
      /* @__PURE__ */ h("td", { children: /* @__PURE__ */ h(iu, { row: t }) }),
      /* @__PURE__ */ h("td", { children: /* @__PURE__ */ h(
        "button",
        {
          type: "button",
          class: "ks-open ks-cut",
          "aria-expanded": n,
          title: t.error ? `${s}: ${t.error}` : s,
          onClick: (i) => {
            i.stopPropagation(), l(t.id);
          },
          children: [
            /* @__PURE__ */ h("b", { children: t.method }),
            " ",
            t.path,
            t.shadow && /* @__PURE__ */ h("span", { class: "ks-badge ks-tone-trial", children: "shadow" }),
            t.error && /* @__PURE__ */ h("span", { class: "ks-row-error", children: [
              " ",
              t.error
            ] })
          ]
        }
      ) }),
      /* @__PURE__ */ h("td", { class: "ks-number", children: Qe(t.duration * 1e3) }),
      /* @__PURE__ */ h("td", { class: "ks-wide ks-cut", title: t.deployments.join(" → "), children: t.deployments.join(" → ") }),
      /* @__PURE__ */ h("td", { class: "ks-wide ks-number", children: [
        "r",
        t.revision
      ] })
    ] });
  }
}
function iu({ row: e }) {
  const t = hi(e);
  return /* @__PURE__ */ h("span", { class: `ks-status-word ks-was-${t}`, title: t, children: [
    /* @__PURE__ */ h("span", { "aria-hidden": "true", children: [
      g_[t],
      " "
    ] }),
    e.status
  ] });
}
function v_(e, t) {
  const n = Math.min(e.batch_wait, e.run), l = Math.max(0, e.duration - e.queue - e.run), r = [
    ["queue", e.queue],
    ["transport", l / 2],
    ["batch", n],
    ["run", e.run - n],
    ["transport", l / 2]
  ], s = [];
  let i = e.start;
  for (const [o, u] of r)
    u > 0 && s.push({ doing: o, left: Ma(i, t), width: Ma(u, t), took: u }), i += u;
  return s;
}
function b_(e, t) {
  return Math.max(t, ...e.map((n) => n.start + n.duration), 1e-6);
}
function Ma(e, t) {
  return Math.min(100, Math.max(0, e / t * 100));
}
const gr = { queue: "queue", batch: "batch wait", run: "run", transport: "transport" };
function y_({ spans: e, duration: t }) {
  if (e.length === 0) return /* @__PURE__ */ h(ct, { children: "No spans were recorded: the request did not reach a deployment." });
  const n = b_(e, t), l = e.map((s) => v_(s, n)), r = Object.keys(gr).filter((s) => l.some((i) => i.some((o) => o.doing === s)));
  return /* @__PURE__ */ h("figure", { class: "ks-waterfall", "aria-label": "where the time went", children: [
    /* @__PURE__ */ h("figcaption", { children: [
      "Where the time went",
      /* @__PURE__ */ h("span", { class: "ks-keys", children: r.map((s) => /* @__PURE__ */ h("span", { class: "ks-key", children: [
        /* @__PURE__ */ h("span", { class: `ks-piece ks-piece-${s}`, "aria-hidden": "true" }),
        gr[s]
      ] }, s)) })
    ] }),
    /* @__PURE__ */ h("ol", { class: "ks-spans", children: e.map((s, i) => /* @__PURE__ */ h(k_, { span: s, pieces: l[i] ?? [] }, i)) }),
    /* @__PURE__ */ h("div", { class: "ks-axis", "aria-hidden": "true", children: [
      /* @__PURE__ */ h("span", { children: "0" }),
      /* @__PURE__ */ h("span", { children: Qe(n * 1e3 / 2) }),
      /* @__PURE__ */ h("span", { children: Qe(n * 1e3) })
    ] })
  ] });
}
function k_({ span: e, pieces: t }) {
  const n = `${e.deployment}.${e.method}`, l = E_(e, t);
  return /* @__PURE__ */ h("li", { class: "ks-span", title: l, children: [
    /* @__PURE__ */ h("span", { class: "ks-span-name ks-cut", style: { paddingLeft: `${Math.min(e.depth, 8) * 12}px` }, children: [
      e.error && /* @__PURE__ */ h("span", { class: "ks-bad", "aria-hidden": "true", children: "▲ " }),
      n,
      e.error && /* @__PURE__ */ h("span", { class: "ks-bad", children: [
        " ",
        e.error
      ] })
    ] }),
    /* @__PURE__ */ h("span", { class: "ks-track", role: "img", "aria-label": l, children: t.map((r, s) => /* @__PURE__ */ h("span", { class: `ks-piece ks-piece-${r.doing}`, style: { left: `${r.left}%`, width: `max(1px, ${r.width}%)` } }, s)) }),
    /* @__PURE__ */ h("span", { class: "ks-number", children: Qe(e.duration * 1e3) })
  ] });
}
function E_(e, t) {
  const n = Object.keys(gr).flatMap((r) => {
    const s = t.filter((i) => i.doing === r).reduce((i, o) => i + o.took, 0);
    return s > 0 ? [`${gr[r]} ${Qe(s * 1e3)}`] : [];
  }), l = [
    e.batch_size > 0 && `batch of ${e.batch_size}`,
    e.attempts > 1 && `${e.attempts} attempts`,
    e.replica && `replica ${e.replica}`,
    e.error && `failed with ${e.error}`
  ].filter(Boolean);
  return `${e.deployment}.${e.method}: ${Qe(e.duration * 1e3)} from ${Qe(e.start * 1e3)} on; ${[...n, ...l].join(", ")}`;
}
function x_({ id: e, client: t, live: n, onClose: l }) {
  const [r, s] = Nn(t);
  jt(() => void s({ kind: "trace", request_id: e }), [e, s]);
  const i = (u) => {
    u.key === "Escape" && (u.stopPropagation(), l());
  }, o = r.answer;
  return /* @__PURE__ */ h("section", { class: "ks-panel ks-details", "aria-label": `request ${e}`, onKeyDown: i, children: [
    /* @__PURE__ */ h("header", { class: "ks-panel-head", children: [
      o && /* @__PURE__ */ h(iu, { row: o.row }),
      /* @__PURE__ */ h("b", { class: "ks-cut", title: e, children: o ? `${o.row.method} ${o.row.path}` : e }),
      o?.row.shadow && /* @__PURE__ */ h(Zn, { tone: "trial", children: "shadow" }),
      /* @__PURE__ */ h("button", { type: "button", class: "ks-button ks-close", "aria-label": "close the request", onClick: l, children: "×" })
    ] }),
    r.error && /* @__PURE__ */ h(zt, { children: r.error }),
    o ? /* @__PURE__ */ h(S_, { trace: o, client: t, live: n }) : !r.error && /* @__PURE__ */ h(ct, { children: r.stage === "waiting" ? "Comes when the cell ends." : "Loading." })
  ] });
}
function S_({ trace: e, client: t, live: n }) {
  const { row: l } = e;
  return /* @__PURE__ */ h(Ft, { children: [
    /* @__PURE__ */ h("p", { class: "ks-facts", children: [
      /* @__PURE__ */ h("span", { children: Gt(l.time, !0) }),
      /* @__PURE__ */ h("span", { children: Qe(l.duration * 1e3) }),
      /* @__PURE__ */ h("span", { children: [
        "revision ",
        l.revision
      ] }),
      /* @__PURE__ */ h("span", { class: "ks-mono ks-cut", title: "request id", children: l.id }),
      e.trace_id && /* @__PURE__ */ h("span", { class: "ks-mono ks-cut ks-muted", title: "trace id", children: [
        "trace ",
        e.trace_id
      ] })
    ] }),
    /* @__PURE__ */ h(N_, { trace: e, client: t, live: n }),
    e.error && /* @__PURE__ */ h(zt, { children: e.error }),
    /* @__PURE__ */ h(y_, { spans: e.spans, duration: l.duration }),
    /* @__PURE__ */ h("div", { class: "ks-payloads", children: [
      /* @__PURE__ */ h(Ds, { title: "Request", body: e.request }),
      /* @__PURE__ */ h(Ds, { title: "Answer", body: e.answer })
    ] }),
    e.traceback && /* @__PURE__ */ h("details", { class: "ks-traceback", open: !0, children: [
      /* @__PURE__ */ h("summary", { children: "Traceback" }),
      /* @__PURE__ */ h("pre", { tabIndex: 0, children: e.traceback })
    ] })
  ] });
}
function N_({ trace: e, client: t, live: n }) {
  const [l, r] = Nn(t), s = l.stage === "sent" || l.stage === "waiting";
  return /* @__PURE__ */ h("div", { class: "ks-actions", children: [
    /* @__PURE__ */ h("div", { class: "ks-tools", children: [
      /* @__PURE__ */ h(
        "button",
        {
          type: "button",
          class: "ks-button ks-primary",
          disabled: !n || s || e.why_not !== "",
          title: e.why_not || "send it again",
          onClick: () => void r({ kind: "replay", request_id: e.row.id }),
          children: [
            /* @__PURE__ */ h("span", { "aria-hidden": "true", children: "↻ " }),
            "Replay"
          ]
        }
      ),
      e.curl && /* @__PURE__ */ h(ba, { label: "Copy as curl", text: e.curl }),
      e.handle_call && /* @__PURE__ */ h(ba, { label: "Copy as handle call", text: e.handle_call }),
      e.why_not && /* @__PURE__ */ h("span", { class: "ks-muted", children: e.why_not }),
      l.stage === "sent" && /* @__PURE__ */ h("span", { role: "status", children: "sending …" }),
      l.stage === "waiting" && /* @__PURE__ */ h("span", { class: "ks-waiting", role: "status", children: "… runs when the cell ends" })
    ] }),
    l.error && /* @__PURE__ */ h(zt, { children: l.error }),
    l.stage === "done" && l.answer && /* @__PURE__ */ h(M_, { replayed: l.answer })
  ] });
}
function M_({ replayed: e }) {
  return /* @__PURE__ */ h("div", { class: "ks-again", role: "status", children: [
    "Replayed: status ",
    e.status,
    " in ",
    Qe(e.duration * 1e3),
    ",",
    " ",
    /* @__PURE__ */ h("b", { children: e.same ? "✓ the same answer" : "≠ another answer" }),
    /* @__PURE__ */ h(Ds, { title: "Answer of the replay", body: e.answer })
  ] });
}
const T_ = [
  ["", "all"],
  ["ok", "ok"],
  ["error", "error"],
  ["cancelled", "cancelled"]
];
function O_({ filter: e, onChange: t }) {
  const n = (l) => {
    const r = Number.parseFloat(l);
    return Number.isFinite(r) && r >= 0 ? r : null;
  };
  return /* @__PURE__ */ h(Ft, { children: [
    /* @__PURE__ */ h("label", { class: "ks-choice", children: [
      /* @__PURE__ */ h("span", { children: "Filter" }),
      /* @__PURE__ */ h(
        "input",
        {
          class: "ks-input",
          type: "search",
          placeholder: "path, id, deployment, error",
          value: e.text,
          onInput: (l) => t({ ...e, text: l.currentTarget.value })
        }
      )
    ] }),
    /* @__PURE__ */ h("label", { class: "ks-choice", children: [
      /* @__PURE__ */ h("span", { children: "Status" }),
      /* @__PURE__ */ h(
        "select",
        {
          class: "ks-input",
          value: e.status,
          onChange: (l) => t({ ...e, status: l.currentTarget.value }),
          children: T_.map(([l, r]) => /* @__PURE__ */ h("option", { value: l, children: r }, l))
        }
      )
    ] }),
    /* @__PURE__ */ h("label", { class: "ks-choice", children: [
      /* @__PURE__ */ h("span", { children: "Slower than" }),
      /* @__PURE__ */ h(
        "input",
        {
          class: "ks-input ks-short",
          type: "number",
          min: "0",
          step: "any",
          "aria-label": "slower than, in milliseconds",
          value: e.slowerThan ?? "",
          onInput: (l) => t({ ...e, slowerThan: n(l.currentTarget.value) })
        }
      ),
      /* @__PURE__ */ h("span", { class: "ks-muted", children: "ms" })
    ] })
  ] });
}
const Rs = 500;
class $_ {
  #e = /* @__PURE__ */ new Map();
  skipped = 0;
  get size() {
    return this.#e.size;
  }
  /** Rows that are the same as before stay the same objects, so that they are not drawn again. */
  add(t, n = 0) {
    this.skipped += n;
    for (const l of t) {
      const r = this.#e.get(l.id);
      (!r || !C_(r, l)) && this.#e.set(l.id, l);
    }
    if (this.#e.size > Rs) {
      const l = [...this.#e.values()].sort(Ta).slice(0, Rs);
      this.#e = new Map(l.map((r) => [r.id, r]));
    }
  }
  /** Newest first. */
  rows() {
    return [...this.#e.values()].sort(Ta);
  }
}
function Ta(e, t) {
  return t.time - e.time;
}
function C_(e, t) {
  return e.status === t.status && e.duration === t.duration && e.error === t.error && e.deployments.length === t.deployments.length;
}
function L_({ frame: e, client: t, live: n }) {
  const [l, r] = xe(c_), [s, i] = xe(ka), [o, u] = xe(!1), [a, f] = xe(""), p = I_(e, t, n, l), _ = pe([]);
  o || (_.current = p.rows);
  const m = _.current, y = Rt(() => {
    const x = m.filter((k) => f_(k, l));
    return s === ka ? x : d_(x, s);
  }, [m, l, s]), N = pe(null), S = () => {
    N.current?.querySelector(".ks-request.ks-chosen .ks-open")?.focus(), f("");
  }, M = En((x) => f((k) => k === x ? "" : x), []), v = (x) => i(p_(s, x));
  return /* @__PURE__ */ h("section", { class: "ks-requests", ref: N, "aria-label": `requests of app ${e.app}`, children: [
    /* @__PURE__ */ h("div", { class: "ks-tools", children: [
      /* @__PURE__ */ h(O_, { filter: l, onChange: r }),
      /* @__PURE__ */ h(Gs, { paused: o, onChange: u }),
      /* @__PURE__ */ h("span", { class: "ks-muted ks-hint", children: [
        y.length === m.length ? tl(y.length, "request") : `${y.length} of ${tl(m.length, "request")}`,
        o && ", paused"
      ] }),
      p.skipped > 0 && /* @__PURE__ */ h("span", { class: "ks-muted", title: `Too many to show each: the journal has them. At most ${Rs} are kept here.`, children: [
        tl(p.skipped, "request"),
        " not shown"
      ] })
    ] }),
    p.error && /* @__PURE__ */ h(zt, { children: p.error }),
    y.length === 0 ? /* @__PURE__ */ h(ct, { children: m.length === 0 ? `No requests to ${e.app} so far.` : "No request fits the filter." }) : /* @__PURE__ */ h(m_, { rows: y, sort: s, chosen: a, onSort: v, onOpen: M }),
    a && /* @__PURE__ */ h(x_, { id: a, client: t, live: n, onClose: S }, a)
  ] });
}
const P_ = 300, A_ = 200;
function I_(e, t, n, { status: l, slowerThan: r }) {
  const s = pe(void 0);
  s.current ??= new $_();
  const i = pe(0), o = pe(null), u = pe(null);
  o.current !== e && (o.current = e, (e.rows.length > 0 || e.skipped > 0) && (s.current.add(e.rows, e.skipped), i.current += 1));
  const [a, f] = Nn(t);
  return a.answer && u.current !== a.answer && (u.current = a.answer, s.current.add(a.answer.rows), i.current += 1), jt(() => {
    if (!n) return;
    const _ = { kind: "rows", status: l, slower_than: r === null ? null : r / 1e3, last: A_ }, m = setTimeout(() => void f(_), P_);
    return () => clearTimeout(m);
  }, [n, l, r, f]), { rows: Rt(() => s.current?.rows() ?? [], [i.current]), skipped: s.current.skipped, error: a.error };
}
const D_ = {
  graph: "Waiting for the app's state.",
  dashboard: "Waiting for the first numbers.",
  requests: "Waiting for the first requests."
};
function R_({ client: e, model: t, shown: n }) {
  const l = String(t.get("view_kind") ?? ""), { frame: r, lostSince: s } = n, i = r && r.kind === l ? r : null;
  return /* @__PURE__ */ h("div", { class: `ks-root${s !== null || r?.gone ? " ks-lost" : ""}`, onFocusIn: j_, children: [
    /* @__PURE__ */ h(V_, { id: t.get("static_id") }),
    i && /* @__PURE__ */ h(z_, { frame: i, lostSince: s }),
    i ? F_(i, e, n) : /* @__PURE__ */ h(ct, { children: D_[l] ?? "Nothing to show." })
  ] });
}
function j_(e) {
  e.target instanceof Element && e.target.setAttribute("data-lm-suppress-shortcuts", "true");
}
function F_(e, t, n) {
  const l = n.lostSince === null && !e.gone;
  return e.kind === "graph" ? /* @__PURE__ */ h(Um, { frame: e, client: t, live: l, visible: n.visible }) : e.kind === "dashboard" ? /* @__PURE__ */ h(Eh, { frame: e, client: t, live: l, visible: n.visible }) : /* @__PURE__ */ h(L_, { frame: e, client: t, live: l });
}
function z_({ frame: e, lostSince: t }) {
  const n = e.kind === "dashboard" ? e.apps.join(", ") : e.app;
  return e.gone ? /* @__PURE__ */ h(Oa, { mark: "×", children: [
    "app ",
    n,
    " was deleted"
  ] }) : t === null ? null : /* @__PURE__ */ h(Oa, { mark: "!", children: [
    "disconnected since ",
    Gt(t),
    "; the numbers are of that time"
  ] });
}
function Oa({ mark: e, children: t }) {
  return /* @__PURE__ */ h("div", { class: "ks-notice", role: "status", children: [
    /* @__PURE__ */ h("span", { class: "ks-notice-mark", "aria-hidden": "true", children: e }),
    /* @__PURE__ */ h("span", { children: t })
  ] });
}
function V_({ id: e }) {
  return typeof e != "string" || !/^[\w-]+$/.test(e) ? null : /* @__PURE__ */ h("style", { children: `#${e} { display: none; }` });
}
const $a = "kernelserve:update", H_ = 500;
let W_ = 0;
function q_(e) {
  const t = performance.now();
  e(), ++W_ % H_ === 0 && performance.clearMeasures($a), performance.measure($a, { start: t, end: performance.now() });
}
function B_({ model: e, el: t }) {
  const n = t.ownerDocument.createElement("div");
  n.className = "kernelserve", t.append(n);
  let l;
  const r = () => {
    const s = l;
    s && q_(() => Ui(ju(R_, { client: s, model: e, shown: s.shown }), n));
  };
  return l = new Qu(e, n, r), r(), () => {
    l?.close(), l = void 0, Ui(null, n), n.remove();
  };
}
const G_ = { render: B_ };
export {
  G_ as default
};
