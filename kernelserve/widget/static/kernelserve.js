var he, Ea, Xt, hs, lr, xa, er, Sa, As, ps, gr = Symbol.for("pv"), rr = {}, sr = [], Mu = /^m(i|n|o|s|text|space)$/, Is = Array.isArray, Ds = sr.slice, bn = Object.assign;
function vn(e) {
  e && e.parentNode && e.remove();
}
function Ou(e, t, n) {
  var l, r, s, i = {}, o = arguments.length;
  for (s in t) s == "key" ? l = t[s] : s == "ref" && typeof e != "function" ? r = t[s] : i[s] = t[s];
  return o > 2 && (i.children = o > 3 ? Ds.call(arguments, 2) : n), Ml(e, i, l, r, null);
}
function Ml(e, t, n, l, r) {
  var s = { type: e, props: t, key: n, ref: l, __k: null, __: null, __b: 0, __e: null, __c: null, constructor: gr, __v: r || ++Ea, __i: -1, __u: 0 };
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
function $u(e) {
  var t, n = e.__v, l = n.__e, r = [], s = [], i = e.__P;
  i && ((t = bn({ constructor: gr }, n)).__v = n.__v + 1, he.vnode && he.vnode(t), Rs(i, t, n, e.__n, i.namespaceURI, 32 & n.__u ? [l] : null, r, l || nn(n), 32 & n.__u, s), t.__v = n.__v, t.__.__k[t.__i] = t, Ca(r, t, s), n.__ = n.__e = null, t.__e != l && Na(t));
}
function Na(e) {
  if ((e = e.__) && e.__c && !e.props.__P) return e.__e = null, e.__k.some(function(t) {
    return t && (e.__e = t.__e);
  }), Na(e);
}
function Fi(e) {
  (8 & e.__g || (e.__g |= 8, Xt.push(e), lr++)) && hs == he.debounceRendering || ((hs = he.debounceRendering) || queueMicrotask)(Ta);
}
function Ta() {
  try {
    for (var e, t = 1; Xt.length; ) Xt.length > t && Xt.sort(xa), e = Xt.shift(), t = Xt.length, 8 & e.__g && $u(e);
  } finally {
    (lr = Xt.length) && (hs || queueMicrotask)(Ta);
  }
}
function Ma(e, t, n, l, r, s, i, o, u, a, f) {
  var p, _, g, k, S, N, T = l.__k || sr, v = t.length;
  for (u = Cu(n, t, T, u, v), p = 0; p < v; p++) (g = n.__k[p]) != null && (_ = ~g.__i && T[g.__i] || rr, g.__i = p, N = Rs(e, g, _, r, s, i, o, u, a, f), k = g.__e, (_.ref != g.ref || 8 & _.__u) && (_.ref && js(_.ref, null, g, _), g.ref && f.push(g.ref, g.__c || k, g)), S = S || k, 4 & g.__u ? (u = Oa(g, u, e, !_.__v), _.__e && (_.__e = null)) : typeof g.type == "function" && N !== void 0 ? u = N : k && (u = k.nextSibling), g.__u &= -21);
  return n.__e = S, u;
}
function Cu(e, t, n, l, r) {
  var s, i, o, u, a, f, p, _, g, k = n.length, S = k, N = 0, T = 0, v = e.__k = Array(r);
  for (s = 0; s < r; s++) (i = t[s]) != null && typeof i != "boolean" && typeof i != "function" ? (typeof i != "object" || i.constructor === String ? i = v[s] = Ml(null, i) : Is(i) ? i = v[s] = Ml(Ft, { children: i }) : i.constructor === gr && i.__b ? i = v[s] = Ml(i.type, i.props, i.key, i.ref, i.__v) : v[s] = i, u = s + N, i.__ = e, i.__b = e.__b + 1, o = null, ~(a = i.__i = Lu(i, n, u, S)) && (S--, (o = n[a]) && (o.__u |= 2)), o && o.__v ? (i.__u |= 16, a == u - 1 ? N-- : a == u + 1 ? N++ : a != u && (a > u ? N-- : N++, T = 1)) : (~a || (r > k ? N-- : r < k && N++), typeof i.type != "function" && (i.__u |= 4))) : v[s] = null;
  if (T) {
    for (f = [], p = [], s = 0; s < r; s++) if ((i = v[s]) && 16 & i.__u) {
      for (N = 0, _ = f.length; N < _; ) f[g = N + _ >> 1] < i.__i ? N = g + 1 : _ = g;
      f[N] = i.__i, p[s] = N + 1;
    }
    for (N = f.length; s--; ) p[s] && (p[s] == N ? N-- : v[s].__u |= 4);
  }
  if (S) for (s = 0; s < k; s++) !(o = n[s]) || 2 & o.__u || (o.__e == l && (l = nn(o)), Fs(o, o));
  return l;
}
function Oa(e, t, n, l) {
  var r, s, i, o;
  if (typeof e.type == "function") {
    if (e.props.__P) return t;
    if (r = e.__k) for (s = 0; s < r.length; s++) r[s] && (r[s].__ = e, t = Oa(r[s], t, n, !1));
    return t;
  }
  for (t && !t.parentNode && (t = nn(e)) && !t.parentNode && (t = null), i = e.__e, o = t; o && o.nodeType == 8; ) o = o.nextSibling;
  for (i != o && (!l && n.moveBefore && i.parentNode ? n.moveBefore(i, t) : n.insertBefore(i, t || null)), t = i; (t = t && t.nextSibling) && t.nodeType == 8 && !t.data.startsWith("$s"); ) ;
  return t;
}
function Lu(e, t, n, l) {
  var r, s = e.key, i = e.type, o = t[n], u = o && !(2 & o.__u);
  if (o === null && s == null || u && s == o.key && i == o.type) return n;
  if (l > (u ? 1 : 0)) {
    for (r = n - 1; r >= 0; r--) if ((o = t[r]) && !(2 & o.__u) && s == o.key && i == o.type) return r;
    for (r = n + 1; r < t.length; r++) if ((o = t[r]) && !(2 & o.__u) && s == o.key && i == o.type) return r;
  }
  return -1;
}
function zi(e, t, n) {
  n == null && (n = ""), t[0] == "-" ? e.setProperty(t, n) : e[t] = n;
}
function Jl(e, t, n, l, r) {
  var s, i;
  if (t == "style") if (typeof n == "string") e.style.cssText = n;
  else {
    if (typeof l == "string" && (e.style.cssText = l = ""), l) for (t in l) n && t in n || zi(e.style, t);
    if (n) for (t in n) l && n[t] == l[t] || zi(e.style, t, n[t]);
  }
  else if (t[0] == "o" && t[1] == "n") typeof n != "function" && (n = null), typeof l != "function" && (l = null), (e.__e || (e.__e = {}))[t] = n, n && l || (i = ps[t] || (ps[t] = Pu(t)), (e.__a || (e.__a = {}))[t] = As, s = t != (t = t.replace(Sa, "$1")), (t = t.slice(2))[0] < "a" && (t = t.toLowerCase()), n ? e.addEventListener(t, i, s) : e.removeEventListener(t, i, s));
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
function Pu(e) {
  return function(t) {
    var n = this.__e;
    if (n) {
      if (n = n[e], t[er] == null) t[er] = As++;
      else if (t[er] < this.__a[e]) return;
      return n(he.event ? he.event(t) : t);
    }
  };
}
function Rs(e, t, n, l, r, s, i, o, u, a) {
  var f, p, _, g, k, S, N, T, v, x, y, P, C, B, I, q, V, O, R = t.type;
  if (t.constructor !== gr) return null;
  128 & n.__u && (u = 32 & n.__u, f = n.__c.__z) && (t.__u |= u, p = s = [], f.nodeType == 8 ? o = tr(f, s) : s.push(f), o = s[0] || o), (f = he.__b) && f(t);
  e: if (typeof R == "function") {
    _ = i.length;
    try {
      if (T = t.props, v = (f = R.prototype) && f.render, x = (f = R.contextType) && l[f.__c], y = f ? x ? x.props.value : f.__ : l, (g = n.__c) ? (t.__c = g, 2 & g.__g && (g.__g |= 1)) : (v ? t.__c = g = new R(T, y) : (t.__c = g = new tn(T, y), g.constructor = R, g.render = Iu), x && x.sub(g), g.state || (g.state = {}), g.__n = l, g.__g |= 8, g.__h = [], g.__k = []), v && (g.__s || (g.__s = g.state), R.getDerivedStateFromProps && (g.__s == g.state && (g.__s = bn({}, g.__s)), bn(g.__s, R.getDerivedStateFromProps(T, g.__s)))), k = g.props, S = g.state, g.__v = t, n.__c) {
        if (T !== k && v && !R.getDerivedStateFromProps && g.componentWillReceiveProps && g.componentWillReceiveProps(T, y), t.__v == n.__v && !(8 & g.__g) || !(4 & g.__g) && g.shouldComponentUpdate && g.shouldComponentUpdate(T, g.__s, y) === !1) {
          t.__v != n.__v && (g.props = T, g.state = g.__s, g.__g &= -9), t.__e = n.__e, t.__k = n.__k, t.__k.some(function(L) {
            L && (L.__ = t);
          }), sr.push.apply(g.__h, g.__k), g.__k = [], g.__h.length && i.push(g), o = nn(n);
          break e;
        }
        g.componentWillUpdate && g.componentWillUpdate(T, g.__s, y), v && g.componentDidUpdate && g.__h.push(function() {
          g.componentDidUpdate(k, S, N);
        });
      } else v && !R.getDerivedStateFromProps && g.componentWillMount && g.componentWillMount(), v && g.componentDidMount && g.__h.push(g.componentDidMount);
      g.context = y, g.props = T, g.__P = e, g.__g &= -5, P = he.__r, C = v ? 25 : 0;
      do
        g.__g &= -9, P && P(t), f = g.render(g.props, g.state = g.__s, g.context);
      while (8 & g.__g && ++C < 25);
      v && (sr.push.apply(g.__h, g.__k), g.__k = []), g.state = g.__s, g.getChildContext && (l = bn({}, l, g.getChildContext())), v && n.__c && g.getSnapshotBeforeUpdate && (N = g.getSnapshotBeforeUpdate(k, S)), B = f && f.type === Ft && f.key == null ? f.props.children : f, T.__P && (f = o, r = (e = T.__P).namespaceURI, u = s = null, n.props && n.props.__P != e && (n.__k.some(function(L) {
        L && Fs(L, L);
      }), n.__k = null), o = n.__k ? nn(n, 0) : null), o = Ma(e, Is(B) ? B : [B], t, n, l, r, s, i, o, u, a), T.__P && (t.__e = null, o = f), t.__u &= -161, p && p.some(vn), g.__h.length && i.push(g), 1 & g.__g && (g.__g &= -4);
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
      t.__k || (t.__k = n.__k || []), L && L.then || $a(t), he.__e(L, t, n);
    }
  } else o = t.__e = Au(n.__e, t, n, l, r, s, i, u, a, e);
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
function $a(e) {
  e && (e.__c && (e.__c.__g |= 4), e.__k && e.__k.some($a));
}
function Ca(e, t, n) {
  for (var l = 0; l < n.length; ) js(n[l++], n[l++], n[l++]);
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
function Au(e, t, n, l, r, s, i, o, u, a) {
  var f, p, _, g, k, S, N, T, v = n.props || rr, x = t.props, y = t.type;
  if (y == "svg" ? r = "http://www.w3.org/2000/svg" : y == "math" ? r = "http://www.w3.org/1998/Math/MathML" : r || (r = "http://www.w3.org/1999/xhtml"), s) {
    for (f = 0; f < s.length; f++) if ((k = s[f]) && (y ? k.localName == y : k.nodeType == 3)) {
      e = k, s[f] = null;
      break;
    }
  }
  if (!e) {
    if (T = a.ownerDocument || document, !y) return T.createTextNode(x);
    e = T.createElementNS(r, y, x.is ? x : a), o && (he.__m && he.__m(t, s), o = !1), s = null;
  }
  if (y) {
    if (a = y == "template" && e.content || e, s = y == "textarea" && x.defaultValue != null ? null : s && Ds.call(a.childNodes), !o && s) for (v = {}, f = 0; f < e.attributes.length; f++) v[(k = e.attributes[f]).name] = k.value;
    for (f in v) k = v[f], f == "dangerouslySetInnerHTML" ? _ = k : f == "children" || f in x || f == "value" && "defaultValue" in x || f == "checked" && "defaultChecked" in x || Jl(e, f, null, k, r);
    for (f in x) k = x[f], f == "children" ? g = k : f == "dangerouslySetInnerHTML" ? p = k : f == "value" ? S = k : f == "checked" ? N = k : o && typeof k != "function" || v[f] === k || Jl(e, f, k, v[f], r);
    p ? (o || _ && (p.__html == _.__html || p.__html == e.innerHTML) || (e.innerHTML = p.__html), t.__k = []) : (_ && (e.textContent = ""), (y == "foreignObject" || r == "http://www.w3.org/1998/Math/MathML" && Mu.test(y)) && (r = "http://www.w3.org/1999/xhtml"), Ma(a, Is(g) ? g : [g], t, n, l, r, s, i, s ? s[0] : n.__k && nn(n, 0), o, u), s && s.some(vn)), o && y != "textarea" || (f = "value", y == "progress" && S == null ? e.removeAttribute(f) : S == null || S === e[f] && (y != "progress" || S) || Jl(e, f, S, v[f], r), f = "checked", N != null && N != e[f] && Jl(e, f, N, v[f], r));
  } else v === x || o && e.data == x || (e.data = x);
  return e;
}
function js(e, t, n, l) {
  try {
    typeof e == "function" ? t ? t.__x = e(t) || 1 : l && (l = l.__c || l.__e) && (t = l.__x) && (l.__x = null, typeof t == "function" ? t() : e(null)) : e.current = t;
  } catch (r) {
    he.__e(r, n);
  }
}
function Fs(e, t, n) {
  var l, r, s, i;
  if (he.unmount && he.unmount(e), !(l = e.ref) || l.current && l.current != e.__e || js(l, null, t, e), l = e.__c) {
    if (l.componentWillUnmount) try {
      l.componentWillUnmount();
    } catch (o) {
      he.__e(o, t);
    }
    l.__P = l.__n = null;
  }
  if (l = e.__k) for (i = 0; i < l.length; i++) l[i] && Fs(l[i], t, typeof e.type != "function" || n && !e.props.__P);
  !n && (l = e.__c) && (l = l.__z) && (r = tr(l, s = [])) && (l == e.__e && s.some(vn), vn(r), vn(l)), n || vn(e.__e), e.__e = e.__c = e.__ = null;
}
function Iu(e, t, n) {
  return this.constructor(e, n);
}
function Vi(e, t) {
  var n, l, r, s;
  he.__ && he.__(e, t), t.nodeType == 9 && (t = t.documentElement), l = (n = e && 32 & e.__u) ? null : t.__k, t.__k = Ml(Ft, { children: [e] }), r = [], s = [], Rs(t, t.__k, l || rr, rr, t.namespaceURI, l ? null : t.firstChild ? Ds.call(t.childNodes) : null, r, l ? l.__e : t.firstChild, n, s), Ca(r, t.__k, s), t.__k.props.children = null;
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
  throw lr = 0, e;
} }, Ea = 0, tn.prototype.setState = function(e, t) {
  var n = this.__s;
  n && n != this.state || (n = this.__s = bn({}, this.state)), typeof e == "function" && (e = e(bn({}, n), this.props)), e && (bn(n, e), this.__v && (t && this.__k.push(t), Fi(this)));
}, tn.prototype.forceUpdate = function(e) {
  this.__v && (this.__g |= 4, e && this.__h.push(e), Fi(this));
}, tn.prototype.render = Ft, Xt = [], lr = 0, xa = function(e, t) {
  return e.__v.__b - t.__v.__b;
}, er = Symbol(), Sa = /(PointerCapture)$|Capture$/i, As = 0, ps = {};
const Du = {
  node: "node_details",
  apply: "applied",
  undo: "applied",
  logs: "log_rows",
  history: "history_points",
  rows: "request_rows",
  trace: "trace_found",
  replay: "replayed"
};
class Jn extends Error {
}
const Ru = 500;
let ju = Math.floor(Math.random() * 2 ** 20) * 2 ** 20;
class Fu {
  constructor(t) {
    this.send = t;
  }
  #e = /* @__PURE__ */ new Map();
  get size() {
    return this.#e.size;
  }
  /** Sends a question; `onWaiting` is called if no reply came in `WAITING_AFTER_MS`. */
  ask(t, n) {
    const l = ++ju, r = t.kind;
    return new Promise((s, i) => {
      const o = setTimeout(() => n?.(), Ru);
      this.#e.set(l, { kind: r, resolve: s, reject: i, timer: o }), this.send({ ...t, id: l });
    });
  }
  /** Settles the ask that `reply` answers; one that is not of this view is left alone. */
  settle(t) {
    const n = this.#t(t.id);
    if (!n) return;
    if (t.error) return n.reject(new Jn(t.error));
    if (t.answer?.kind === Du[n.kind]) return n.resolve(t.answer);
    const l = t.answer?.kind ?? "nothing";
    n.reject(new Jn(`The kernel answered "${n.kind}" with "${l}": restart it, its version is another.`));
  }
  /** Fails all of them. */
  failAll(t) {
    for (const n of [...this.#e.keys()]) this.#t(n)?.reject(new Jn(t));
  }
  #t(t) {
    const n = this.#e.get(t);
    return n && clearTimeout(n.timer), this.#e.delete(t), n;
  }
}
function zu(e, t) {
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
const Hi = 1e4, Vu = 1e3, vl = "The kernel cannot be reached. Restart it and run the cell again.", Hu = /* @__PURE__ */ new Set(["graph", "dashboard", "requests"]);
class Wu {
  constructor(t, n, l) {
    this.model = t, this.onChange = l, this.#n = Wi(t), this.#r = this.#n !== null && Date.now() - this.#n.time * 1e3 > Hi, this.#l = t.comm_live === !1, this.#i("change:frame", () => this.#d()), this.#i("msg:custom", (s) => this.#f(s)), this.#i("comm:close", () => this.#u(!0)), this.#i("comm_live_update", () => this.#u(t.comm_live !== !0)), this.#t.push(zu(n, (s) => this.#h(s)));
    const r = setInterval(() => this.#p(), Vu);
    this.#t.push(() => clearInterval(r));
  }
  id = Math.random().toString(36).slice(2, 12);
  #e = new Fu((t) => this.#c(t));
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
    if (this.#a || this.#l) return Promise.reject(new Jn(vl));
    this.#r && (this.#s = Date.now());
    const l = this.#e.ask(t, n);
    return this.#l && this.#e.failAll(vl), l;
  }
  /** Takes a custom message of the model; what is not a reply is left alone. */
  #f(t) {
    qu(t) && this.#e.settle(t);
  }
  close() {
    if (!this.#a) {
      this.#a = !0;
      for (const t of this.#t.splice(0)) t();
      this.#e.failAll(vl), this.#c({ kind: "seen", view: this.id, on: !1, closed: !0 });
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
    this.#n = Wi(this.model), this.#s = Date.now(), this.#r = !1, this.#l = !1, this.onChange();
  }
  #h(t) {
    this.#o = t, this.#s = Date.now(), this.#c({ kind: "seen", view: this.id, on: t }), this.onChange();
  }
  #u(t) {
    this.#l = t, t && this.#e.failAll(vl), this.onChange();
  }
  #p() {
    !(this.#o && this.#n !== null && !this.#n.gone && this.#n.lost_since === null) || Date.now() - this.#s <= Hi || (this.#e.failAll(vl), !this.#r && (this.#r = !0, this.onChange()));
  }
  #g() {
    return this.#n ? this.#n.lost_since ?? (this.#l || this.#r ? this.#n.time : null) : null;
  }
}
function Wi(e) {
  const t = e.get("frame");
  return t && Hu.has(t.kind) ? t : null;
}
function qu(e) {
  return typeof e == "object" && e !== null && e.kind === "reply";
}
var Bu = Symbol.for("pv"), Gu = 0;
function h(e, t, n, l, r, s) {
  t || (t = {});
  var i, o, u = t;
  if ("ref" in u && typeof e != "function") for (o in u = {}, t) o == "ref" ? i = t[o] : u[o] = t[o];
  var a = { type: e, props: u, key: n, ref: i, __k: null, __: null, __b: 0, __e: null, __c: null, constructor: Bu, __v: --Gu, __i: -1, __u: 0 };
  return he.vnode && he.vnode(a), a;
}
var yn, Me, Zr, qi, gs = Object.is, Pl = 0, La = [], ms = [], Te = he, Bi = Te.__b, Gi = Te.__r, Ui = Te.diffed, Yi = Te.__c, Ki = Te.unmount, Ji = Te.__;
function Fl(e, t) {
  Te.__h && Te.__h(Me, e, Pl || t), Pl = 0;
  var n = Me.__H || (Me.__H = { __: [], __h: [] });
  return e >= n.__.length && n.__.push({}), n.__[e];
}
function Ne(e) {
  return Pl = 1, Uu(Aa, e);
}
function Uu(e, t, n) {
  var l = Fl(yn++, 2);
  if (l.t = e, !l.__c && (l.__ = [Aa(void 0, t), function(s) {
    var i = (l.__N || l.__)[0], o = l.t(i, s);
    gs(i, o) || (l.__N = [o, l.__[1]], l.__c.setState({}));
  }], l.__c = Me, !Me.__f)) {
    Me.__f = !0;
    var r = Me.shouldComponentUpdate;
    Me.shouldComponentUpdate = function(s, i, o) {
      var u = this.__H;
      if (!u) return !0;
      var a = !1, f = this.props != s;
      if (u.__.some(function(_) {
        _.__N && (a = !0, gs(_.__[0], _.__N[0]) || (f = !0));
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
  var n = Fl(yn++, 3);
  !Te.__s && zs(n.__H, t) && (n.__P = !0, n.__ = e, n.u = t, Me.__H.__h.push(n));
}
function Pa(e, t) {
  var n = Fl(yn++, 4);
  !Te.__s && zs(n.__H, t) && (n.__P = !1, n.__ = e, n.u = t, Me.__h.push(n));
}
function ve(e) {
  return Pl = 5, Rt(function() {
    return { current: e };
  }, []);
}
function Rt(e, t) {
  var n = Fl(yn++, 7);
  return zs(n.__H, t) && (n.__ = e(), n.__H = t), n.__;
}
function el(e, t) {
  return Pl = 8, Rt(function() {
    return e;
  }, t);
}
function mr() {
  var e = Fl(yn++, 11);
  if (!e.__) {
    for (var t = Me.__v; !t.__m && t.__; ) t = t.__;
    var n = t.__m || (t.__m = [0, 0]);
    e.__ = "P" + n[0] + "-" + n[1]++;
  }
  return e.__;
}
function Yu() {
  var e;
  do {
    for (; e = ms.shift(); ) try {
      Ol(e);
    } catch (n) {
      Te.__e(n, { __: (e = e.__P) && e.__v });
    }
    for (; e = La.shift(); ) {
      var t = e.__H;
      if (e.__P && t) try {
        t.__h.some(Ol), t.__h.some(_s), t.__h = [];
      } catch (n) {
        t.__h = [], Te.__e(n, e.__v);
      }
    }
  } while (ms.length);
}
Te.__b = function(e) {
  Me = null, Bi && Bi(e);
}, Te.__ = function(e, t) {
  e && t.__k && t.__k.__m && (e.__m = t.__k.__m), Ji && Ji(e, t);
}, Te.__r = function(e) {
  Gi && Gi(e), yn = 0;
  var t = (Me = e.__c).__H;
  t && (Zr == Me ? Me.__h = [] : (t.__h.some(Ol), t.__h.some(_s), yn = 0), t.__h = [], t.__.some(function(n) {
    n.__N && (n.__ = n.__N), n.u = n.__N = void 0;
  })), Zr = Me;
}, Te.diffed = function(e) {
  Ui && Ui(e);
  var t = e.__c;
  t && t.__H && (t.__H.__h.length && Qi(La.push(t)), t.__H.__.some(function(n) {
    n.u && (n.__H = n.u);
  })), Zr = Me = null;
}, Te.__c = function(e, t) {
  t.some(function(n) {
    try {
      n.__h.some(Ol), n.__h = n.__h.filter(function(l) {
        return !l.__ || _s(l);
      });
    } catch (l) {
      n.__h = [function() {
        throw l;
      }];
    }
  }), Yi && Yi(e, t);
}, Te.unmount = function(e) {
  Ki && Ki(e);
  var t, n, l = e.__c;
  l && l.__H && (l.__H.__.some(function(r) {
    try {
      if (r.__P && r.__c) {
        if (n === void 0) {
          for (n = e.__; n && (!n.__c || !n.__c.__P); ) n = n.__;
          n = n && n.__c;
        }
        r.__P = n, Qi(ms.push(r));
      } else Ol(r);
    } catch (s) {
      t = s;
    }
  }), l.__H = void 0, t && Te.__e(t, l.__v));
};
var Zi = typeof requestAnimationFrame == "function";
function Ku(e) {
  var t, n = function() {
    clearTimeout(l), Zi && cancelAnimationFrame(t), setTimeout(e);
  }, l = setTimeout(n, 35);
  Zi && (t = requestAnimationFrame(n));
}
function Qi(e) {
  e != 1 && qi == Te.requestAnimationFrame || ((qi = Te.requestAnimationFrame) || Ku)(Yu);
}
function Ol(e) {
  var t = Me, n = e.__c;
  typeof n == "function" && (e.__c = void 0, n()), Me = t;
}
function _s(e) {
  var t = Me;
  e.__c = e.__(), Me = t;
}
function zs(e, t) {
  return !e || e.length != t.length || t.some(function(n, l) {
    return !gs(n, e[l]);
  });
}
function Aa(e, t) {
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
function $l({ tone: e = "plain", title: t, children: n }) {
  return /* @__PURE__ */ h("span", { class: `ks-badge ks-tone-${e}`, title: t, children: n });
}
function Ju({ on: e, label: t, onChange: n }) {
  return /* @__PURE__ */ h("button", { type: "button", class: "ks-button", "aria-pressed": e, onClick: () => n(!e), children: t });
}
function Vs({ paused: e, onChange: t }) {
  return /* @__PURE__ */ h("button", { type: "button", class: "ks-button", "aria-pressed": e, onClick: () => t(!e), children: [
    /* @__PURE__ */ h("span", { "aria-hidden": "true", children: e ? "▶ " : "❚❚ " }),
    e ? "Resume" : "Pause"
  ] });
}
function Zu({ url: e }) {
  return /^https?:\/\//i.test(e) ? /* @__PURE__ */ h("a", { href: e, target: "_blank", rel: "noopener noreferrer", title: e, children: e }) : /* @__PURE__ */ h("span", { children: e });
}
function Sn(e) {
  const [t, n] = Ne({ stage: "idle", answer: null, error: "" }), l = ve(0);
  jt(() => () => void (l.current = -1), []);
  const r = el(async (i) => {
    const o = ++l.current, u = (a) => {
      l.current === o && n((f) => ({ ...f, ...a }));
    };
    u({ stage: "sent", error: "" });
    try {
      const a = await e.ask(i, () => u({ stage: "waiting" }));
      return u({ stage: "done", answer: a }), l.current === o ? a : null;
    } catch (a) {
      if (!(a instanceof Jn)) throw a;
      return u({ stage: "refused", error: a.message }), null;
    }
  }, [e]), s = el(() => {
    l.current += 1, n({ stage: "idle", answer: null, error: "" });
  }, []);
  return [t, r, s];
}
function Qu(e, t) {
  const n = ve({ key: e, at: Date.now() });
  n.current.key !== e && (n.current = { key: e, at: Date.now() });
  const [, l] = Ne(0);
  return jt(() => {
    const r = setInterval(() => l((s) => s + 1), 500);
    return () => clearInterval(r);
  }, [t]), (Date.now() - n.current.at) / 1e3;
}
function Ia() {
  const [e, t] = Ne(null), n = ve(() => {
  });
  return [el((r) => {
    if (n.current(), n.current = () => {
    }, !r || typeof ResizeObserver > "u") return;
    const s = new ResizeObserver((i) => {
      const o = i.at(-1)?.contentRect.width;
      o && t(Math.round(o));
    });
    s.observe(r), n.current = () => s.disconnect();
  }, []), e];
}
const Xu = !0, Ie = "u-", ef = "uplot", tf = Ie + "hz", nf = Ie + "vt", lf = Ie + "title", rf = Ie + "wrap", sf = Ie + "under", of = Ie + "over", af = Ie + "axis", wn = Ie + "off", cf = Ie + "select", uf = Ie + "cursor-x", ff = Ie + "cursor-y", df = Ie + "cursor-pt", hf = Ie + "legend", pf = Ie + "live", gf = Ie + "inline", mf = Ie + "series", _f = Ie + "marker", Xi = Ie + "label", wf = Ie + "value", El = "width", xl = "height", bl = "top", eo = "bottom", Un = "left", Qr = "right", Hs = "#000", to = Hs + "0", Xr = "mousemove", no = "mousedown", es = "mouseup", lo = "mouseenter", ro = "mouseleave", so = "dblclick", vf = "resize", bf = "scroll", io = "change", ir = "dppxchange", Ws = "--", ol = typeof window < "u", ws = ol ? document : null, Zn = ol ? window : null, kf = ol ? navigator : null;
let ie, Zl;
function vs() {
  let e = devicePixelRatio;
  ie != e && (ie = e, Zl && ks(io, Zl, vs), Zl = matchMedia(`(min-resolution: ${ie - 1e-3}dppx) and (max-resolution: ${ie + 1e-3}dppx)`), kn(io, Zl, vs), Zn.dispatchEvent(new CustomEvent(ir)));
}
function ot(e, t) {
  if (t != null) {
    let n = e.classList;
    !n.contains(t) && n.add(t);
  }
}
function bs(e, t) {
  let n = e.classList;
  n.contains(t) && n.remove(t);
}
function we(e, t, n) {
  e.style[t] = n + "px";
}
function xt(e, t, n, l) {
  let r = ws.createElement(e);
  return t != null && ot(r, t), n?.insertBefore(r, l), r;
}
function _t(e, t) {
  return xt("div", e, t);
}
const oo = /* @__PURE__ */ new WeakMap();
function It(e, t, n, l, r) {
  let s = "translate(" + t + "px," + n + "px)", i = oo.get(e);
  s != i && (e.style.transform = s, oo.set(e, s), t < 0 || n < 0 || t > l || n > r ? ot(e, wn) : bs(e, wn));
}
const ao = /* @__PURE__ */ new WeakMap();
function co(e, t, n) {
  let l = t + n, r = ao.get(e);
  l != r && (ao.set(e, l), e.style.background = t, e.style.borderColor = n);
}
const uo = /* @__PURE__ */ new WeakMap();
function fo(e, t, n, l) {
  let r = t + "" + n, s = uo.get(e);
  r != s && (uo.set(e, r), e.style.height = n + "px", e.style.width = t + "px", e.style.marginLeft = l ? -t / 2 + "px" : 0, e.style.marginTop = l ? -n / 2 + "px" : 0);
}
const qs = { passive: !0 }, yf = { ...qs, capture: !0 };
function kn(e, t, n, l) {
  t.addEventListener(e, n, l ? yf : qs);
}
function ks(e, t, n, l) {
  t.removeEventListener(e, n, qs);
}
ol && vs();
function St(e, t, n, l) {
  let r;
  n = n || 0, l = l || t.length - 1;
  let s = l <= 2147483647;
  for (; l - n > 1; )
    r = s ? n + l >> 1 : at((n + l) / 2), t[r] < e ? n = r : l = r;
  return e - t[n] <= t[l] - e ? n : l;
}
function Da(e) {
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
const Ra = (e) => e != null, ja = (e) => e != null && e > 0, _r = Da(Ra), Ef = Da(ja);
function xf(e, t, n, l = 0, r = !1) {
  let s = r ? Ef : _r, i = r ? ja : Ra;
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
function wr(e, t, n, l) {
  let r = go(e), s = go(t);
  e == t && (r == -1 ? (e *= n, t /= n) : (e /= n, t *= n));
  let i = n == 10 ? qt : Fa, o = r == 1 ? at : wt, u = s == 1 ? wt : at, a = o(i(Ae(e))), f = u(i(Ae(t))), p = tl(n, a), _ = tl(n, f);
  return n == 10 && (a < 0 && (p = de(p, -a)), f < 0 && (_ = de(_, -f))), l || n == 2 ? (e = p * r, t = _ * s) : (e = Wa(e, p), t = vr(t, _)), [e, t];
}
function Bs(e, t, n, l) {
  let r = wr(e, t, n, l);
  return e == 0 && (r[0] = 0), t == 0 && (r[1] = 0), r;
}
const Gs = 0.1, ho = {
  mode: 3,
  pad: Gs
}, Cl = {
  pad: 0,
  soft: null,
  mode: 0
}, Sf = {
  min: Cl,
  max: Cl
};
function or(e, t, n, l) {
  return br(n) ? po(e, t, n) : (Cl.pad = n, Cl.soft = l ? 0 : null, Cl.mode = l ? 3 : 0, po(e, t, Sf));
}
function re(e, t) {
  return e ?? t;
}
function Nf(e, t, n) {
  for (t = re(t, 0), n = re(n, e.length - 1); t <= n; ) {
    if (e[t] != null)
      return !0;
    t++;
  }
  return !1;
}
function po(e, t, n) {
  let l = n.min, r = n.max, s = re(l.pad, 0), i = re(r.pad, 0), o = re(l.hard, -fe), u = re(r.hard, fe), a = re(l.soft, fe), f = re(r.soft, -fe), p = re(l.mode, 0), _ = re(r.mode, 0), g = t - e, k = qt(g), S = Ze(Ae(e), Ae(t)), N = qt(S), T = Ae(N - k);
  (g < 1e-24 || T > 10) && (g = 0, (e == 0 || t == 0) && (g = 1e-24, p == 2 && a != fe && (s = 0), _ == 2 && f != -fe && (i = 0)));
  let v = g || S || 1e3, x = qt(v), y = tl(10, at(x)), P = v * (g == 0 ? e == 0 ? 0.1 : 1 : s), C = de(Wa(e - P, y / 10), 24), B = e >= a && (p == 1 || p == 3 && C <= a || p == 2 && C >= a) ? a : fe, I = Ze(o, C < B && e >= B ? B : Nt(B, C)), q = v * (g == 0 ? t == 0 ? 0.1 : 1 : i), V = de(vr(t + q, y / 10), 24), O = t <= f && (_ == 1 || _ == 3 && V >= f || _ == 2 && V <= f) ? f : -fe, R = Nt(u, V > O && t <= O ? O : Ze(O, V));
  return I == R && I == 0 && (R = 100), [I, R];
}
const Tf = new Intl.NumberFormat(ol ? kf.language : "en-US"), Us = (e) => Tf.format(e), ut = Math, nr = ut.PI, Ae = ut.abs, at = ut.floor, Pe = ut.round, wt = ut.ceil, Nt = ut.min, Ze = ut.max, tl = ut.pow, go = ut.sign, qt = ut.log10, Fa = ut.log2, Mf = (e, t = 1) => ut.sinh(e) * t, ts = (e, t = 1) => ut.asinh(e / t), fe = 1 / 0;
function mo(e) {
  return (qt((e ^ e >> 31) - (e >> 31)) | 0) + 1;
}
function ys(e, t, n) {
  return Nt(Ze(e, t), n);
}
function za(e) {
  return typeof e == "function";
}
function te(e) {
  return za(e) ? e : () => e;
}
const Of = () => {
}, Va = (e) => e, Ha = (e, t) => t, $f = (e) => null, _o = (e) => !0, wo = (e, t) => e == t, Cf = /\.\d*?(?=9{6,}|0{6,})/gm, En = (e) => {
  if (Ba(e) || ln.has(e))
    return e;
  const t = `${e}`, n = t.match(Cf);
  if (n == null)
    return e;
  let l = n[0].length - 1;
  if (t.indexOf("e-") != -1) {
    let [r, s] = t.split("e");
    return +`${En(r)}e${s}`;
  }
  return de(e, l);
};
function mn(e, t) {
  return En(de(En(e / t)) * t);
}
function vr(e, t) {
  return En(wt(En(e / t)) * t);
}
function Wa(e, t) {
  return En(at(En(e / t)) * t);
}
function de(e, t = 0) {
  if (Ba(e))
    return e;
  let n = 10 ** t, l = e * n * (1 + Number.EPSILON);
  return Pe(l) / n;
}
const ln = /* @__PURE__ */ new Map();
function qa(e) {
  return (("" + e).split(".")[1] || "").length;
}
function Al(e, t, n, l) {
  let r = [], s = l.map(qa);
  for (let i = t; i < n; i++) {
    let o = Ae(i), u = de(tl(e, i), o);
    for (let a = 0; a < l.length; a++) {
      let f = e == 10 ? +`${l[a]}e${i}` : l[a] * u, p = (i >= 0 ? 0 : o) + (i >= s[a] ? 0 : s[a]), _ = e == 10 ? f : de(f, p);
      r.push(_), ln.set(_, p);
    }
  }
  return r;
}
const Ll = {}, Ys = [], nl = [null, null], en = Array.isArray, Ba = Number.isInteger, Lf = (e) => e === void 0;
function vo(e) {
  return typeof e == "string";
}
function br(e) {
  let t = !1;
  if (e != null) {
    let n = e.constructor;
    t = n == null || n == Object;
  }
  return t;
}
function Pf(e) {
  return e != null && typeof e == "object";
}
const Af = Object.getPrototypeOf(Uint8Array), Ga = "__proto__";
function ll(e, t = br) {
  let n;
  if (en(e)) {
    let l = e.find((r) => r != null);
    if (en(l) || t(l)) {
      n = Array(e.length);
      for (let r = 0; r < e.length; r++)
        n[r] = ll(e[r], t);
    } else
      n = e.slice();
  } else if (e instanceof Af)
    n = e.slice();
  else if (t(e)) {
    n = {};
    for (let l in e)
      l != Ga && (n[l] = ll(e[l], t));
  } else
    n = e;
  return n;
}
function $e(e) {
  let t = arguments;
  for (let n = 1; n < t.length; n++) {
    let l = t[n];
    for (let r in l)
      r != Ga && (br(e[r]) ? $e(e[r], ll(l[r])) : e[r] = ll(l[r]));
  }
  return e;
}
const If = 0, Df = 1, Rf = 2;
function jf(e, t, n) {
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
function Ff(e, t) {
  if (Hf(e)) {
    let i = e[0].slice();
    for (let o = 1; o < e.length; o++)
      i.push(...e[o].slice(1));
    return Wf(i[0]) || (i = Vf(i)), i;
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
      let f = o[a], p = Array(r).fill(void 0), _ = t ? t[i][a] : Df, g = [];
      for (let k = 0; k < f.length; k++) {
        let S = f[k], N = s.get(u[k]);
        S === null ? _ != If && (p[N] = S, _ == Rf && g.push(N)) : p[N] = S;
      }
      jf(p, g, r), l.push(p);
    }
  }
  return l;
}
const zf = typeof queueMicrotask > "u" ? (e) => Promise.resolve().then(e) : queueMicrotask;
function Vf(e) {
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
function Hf(e) {
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
function Wf(e, t = 100) {
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
const Ua = [
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
], Ya = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday"
];
function Ka(e) {
  return e.slice(0, 3);
}
const qf = Ya.map(Ka), Bf = Ua.map(Ka), Gf = {
  MMMM: Ua,
  MMM: Bf,
  WWWW: Ya,
  WWW: qf
};
function kl(e) {
  return (e < 10 ? "0" : "") + e;
}
function Uf(e) {
  return (e < 10 ? "00" : e < 100 ? "0" : "") + e;
}
const Yf = {
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
  fff: (e) => Uf(e.getMilliseconds())
};
function Ks(e, t) {
  t = t || Gf;
  let n = [], l = /\{([a-z]+)\}|[^{]+/gi, r;
  for (; r = l.exec(e); )
    n.push(r[0][0] == "{" ? Yf[r[1]] : r[0]);
  return (s) => {
    let i = "";
    for (let o = 0; o < n.length; o++)
      i += typeof n[o] == "string" ? n[o] : n[o](s, t);
    return i;
  };
}
const Kf = new Intl.DateTimeFormat().resolvedOptions().timeZone;
function Jf(e, t) {
  let n;
  return t == "UTC" || t == "Etc/UTC" ? n = new Date(+e + e.getTimezoneOffset() * 6e4) : t == Kf ? n = e : (n = new Date(e.toLocaleString("en-US", { timeZone: t })), n.setMilliseconds(e.getMilliseconds())), n;
}
const Ja = (e) => e % 1 == 0, ar = [1, 2, 2.5, 5], Zf = Al(10, -32, 0, ar), Za = Al(10, 0, 32, ar), Qf = Za.filter(Ja), _n = Zf.concat(Za), Js = `
`, Qa = "{YYYY}", bo = Js + Qa, Xa = "{M}/{D}", Sl = Js + Xa, Ql = Sl + "/{YY}", ec = "{aa}", Xf = "{h}:{mm}", Kn = Xf + ec, ko = Js + Kn, yo = ":{ss}", ae = null;
function tc(e) {
  let t = e * 1e3, n = t * 60, l = n * 60, r = l * 24, s = r * 30, i = r * 365, u = (e == 1 ? Al(10, 0, 3, ar).filter(Ja) : Al(10, -3, 0, ar)).concat([
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
    [i, Qa, ae, ae, ae, ae, ae, ae, 1],
    [r * 28, "{MMM}", bo, ae, ae, ae, ae, ae, 1],
    [r, Xa, bo, ae, ae, ae, ae, ae, 1],
    [l, "{h}" + ec, Ql, ae, Sl, ae, ae, ae, 1],
    [n, Kn, Ql, ae, Sl, ae, ae, ae, 1],
    [t, yo, Ql + " " + Kn, ae, Sl + " " + Kn, ae, ko, ae, 1],
    [e, yo + ".{fff}", Ql + " " + Kn, ae, Sl + " " + Kn, ae, ko, ae, 1]
  ];
  function f(p) {
    return (_, g, k, S, N, T) => {
      let v = [], x = N >= i, y = N >= s && N < i, P = p(k), C = de(P * e, 3), B = ns(P.getFullYear(), x ? 0 : P.getMonth(), y || x ? 1 : P.getDate()), I = de(B * e, 3);
      if (y || x) {
        let q = y ? N / s : 0, V = x ? N / i : 0, O = C == I ? C : de(ns(B.getFullYear() + V, B.getMonth() + q, 1) * e, 3), R = new Date(Pe(O / e)), L = R.getFullYear(), j = R.getMonth();
        for (let A = 0; O <= S; A++) {
          let U = ns(L + V * A, j + q * A, 1), G = U - p(de(U * e, 3));
          O = de((+U + G) * e, 3), O <= S && v.push(O);
        }
      } else {
        let q = N >= r ? r : N, V = at(k) - at(C), O = I + V + vr(C - I, q);
        v.push(O);
        let R = p(O), L = R.getHours() + R.getMinutes() / n + R.getSeconds() / l, j = N / l, A = _.axes[g]._space, U = T / A;
        for (; O = de(O + N, e == 1 ? 0 : 3), !(O > S); )
          if (j > 1) {
            let G = at(de(L + j, 6)) % 24, ne = p(O).getHours() - G;
            ne > 1 && (ne = -1), O -= ne * l, L = (L + j) % 24;
            let ce = v[v.length - 1];
            de((O - ce) / N, 3) * U >= 0.7 && v.push(O);
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
const [ed, td, nd] = tc(1), [ld, rd, sd] = tc(1e-3);
Al(2, -53, 53, [1]);
function Eo(e, t) {
  return e.map((n) => n.map(
    (l, r) => r == 0 || r == 8 || l == null ? l : t(r == 1 || n[8] == 0 ? l : n[1] + l)
  ));
}
function xo(e, t) {
  return (n, l, r, s, i) => {
    let o = t.find((k) => i >= k[0]) || t[t.length - 1], u, a, f, p, _, g;
    return l.map((k) => {
      let S = e(k), N = S.getFullYear(), T = S.getMonth(), v = S.getDate(), x = S.getHours(), y = S.getMinutes(), P = S.getSeconds(), C = N != u && o[2] || T != a && o[3] || v != f && o[4] || x != p && o[5] || y != _ && o[6] || P != g && o[7] || o[1];
      return u = N, a = T, f = v, p = x, _ = y, g = P, C(S);
    });
  };
}
function id(e, t) {
  let n = Ks(t);
  return (l, r, s, i, o) => r.map((u) => n(e(u)));
}
function ns(e, t, n) {
  return new Date(e, t, n);
}
function So(e, t) {
  return t(e);
}
const od = "{YYYY}-{MM}-{DD} {h}:{mm}{aa}";
function No(e, t) {
  return (n, l, r, s) => s == null ? Ws : t(e(l));
}
function ad(e, t) {
  let n = e.series[t];
  return n.width ? n.stroke(e, t) : n.points.width ? n.points.stroke(e, t) : null;
}
function cd(e, t) {
  return e.series[t].fill(e, t);
}
const ud = {
  show: !0,
  live: !0,
  isolate: !1,
  mount: Of,
  markers: {
    show: !0,
    width: 2,
    stroke: ad,
    fill: cd,
    dash: "solid"
  },
  idx: null,
  idxs: null,
  values: []
};
function fd(e, t) {
  let n = e.cursor.points, l = _t(), r = n.size(e, t);
  we(l, El, r), we(l, xl, r);
  let s = r / -2;
  we(l, "marginLeft", s), we(l, "marginTop", s);
  let i = n.width(e, t, r);
  return i && we(l, "borderWidth", i), l;
}
function dd(e, t) {
  let n = e.series[t].points;
  return n._fill || n._stroke;
}
function hd(e, t) {
  let n = e.series[t].points;
  return n._stroke || n._fill;
}
function pd(e, t) {
  return e.series[t].points.size;
}
const ls = [0, 0];
function gd(e, t, n) {
  return ls[0] = t, ls[1] = n, ls;
}
function Xl(e, t, n, l = !0) {
  return (r) => {
    r.button == 0 && (!l || r.target == t) && n(r);
  };
}
function rs(e, t, n, l = !0) {
  return (r) => {
    (!l || r.target == t) && n(r);
  };
}
const md = {
  show: !0,
  x: !0,
  y: !0,
  lock: !1,
  move: gd,
  points: {
    one: !1,
    show: fd,
    size: pd,
    width: 0,
    stroke: hd,
    fill: dd
  },
  bind: {
    mousedown: Xl,
    mouseup: Xl,
    click: Xl,
    // legend clicks, not .u-over clicks
    dblclick: Xl,
    mousemove: rs,
    mouseleave: rs,
    mouseenter: rs
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
}, nc = {
  show: !0,
  stroke: "rgba(0,0,0,0.07)",
  width: 2
  //	dash: [],
}, Zs = $e({}, nc, {
  filter: Ha
}), lc = $e({}, Zs, {
  size: 10
}), rc = $e({}, nc, {
  show: !1
}), Qs = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"', sc = "bold " + Qs, ic = 1.5, To = {
  show: !0,
  scale: "x",
  stroke: Hs,
  space: 50,
  gap: 5,
  alignTo: 1,
  size: 50,
  labelGap: 0,
  labelSize: 30,
  labelFont: sc,
  side: 2,
  //	class: "x-vals",
  //	incrs: timeIncrs,
  //	values: timeVals,
  //	filter: retArg1,
  grid: Zs,
  ticks: lc,
  border: rc,
  font: Qs,
  lineGap: ic,
  rotate: 0
}, _d = "Value", wd = "Time", Mo = {
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
function vd(e, t, n, l, r) {
  return t.map((s) => s == null ? "" : Us(s));
}
function bd(e, t, n, l, r, s, i) {
  let o = [], u = ln.get(r) || 0;
  n = i ? n : de(vr(n, r), u);
  for (let a = n; a <= l; a = de(a + r, u))
    o.push(Object.is(a, -0) ? 0 : a);
  return o;
}
function Es(e, t, n, l, r, s, i) {
  const o = [], u = e.scales[e.axes[t].scale].log, a = u == 10 ? qt : Fa, f = at(a(n));
  r = tl(u, f), u == 10 && (r = _n[St(r, _n)]);
  let p = n, _ = r * u;
  u == 10 && (_ = _n[St(_, _n)]);
  do
    o.push(p), p = p + r, u == 10 && !ln.has(p) && (p = de(p, ln.get(r))), p >= _ && (r = p, _ = r * u, u == 10 && (_ = _n[St(_, _n)]));
  while (p <= l);
  return o;
}
function kd(e, t, n, l, r, s, i) {
  let u = e.scales[e.axes[t].scale].asinh, a = l > u ? Es(e, t, Ze(u, n), l, r) : [u], f = l >= 0 && n <= 0 ? [0] : [];
  return (n < -u ? Es(e, t, Ze(u, -l), -n, r) : [u]).reverse().map((_) => -_).concat(f, a);
}
const oc = /./, yd = /[12357]/, Ed = /[125]/, Oo = /1/, xs = (e, t, n, l) => e.map((r, s) => t == 4 && r == 0 || s % l == 0 && n.test(r.toExponential()[r < 0 ? 1 : 0]) ? r : null);
function xd(e, t, n, l, r) {
  let s = e.axes[n], i = s.scale, o = e.scales[i], u = e.valToPos, a = s._space, f = u(10, i), p = u(9, i) - f >= a ? oc : u(7, i) - f >= a ? yd : u(5, i) - f >= a ? Ed : Oo;
  if (p == Oo) {
    let _ = Ae(u(1, i) - f);
    if (_ < a)
      return xs(t.slice().reverse(), o.distr, p, wt(a / _)).reverse();
  }
  return xs(t, o.distr, p, 1);
}
function Sd(e, t, n, l, r) {
  let s = e.axes[n], i = s.scale, o = s._space, u = e.valToPos, a = Ae(u(1, i) - u(2, i));
  return a < o ? xs(t.slice().reverse(), 3, oc, wt(o / a)).reverse() : t;
}
function Nd(e, t, n, l) {
  return l == null ? Ws : t == null ? "" : Us(t);
}
const $o = {
  show: !0,
  scale: "y",
  stroke: Hs,
  space: 30,
  gap: 5,
  alignTo: 1,
  size: 50,
  labelGap: 0,
  labelSize: 30,
  labelFont: sc,
  side: 3,
  //	class: "y-vals",
  //	incrs: numIncrs,
  //	values: (vals, space) => vals,
  //	filter: retArg1,
  grid: Zs,
  ticks: lc,
  border: rc,
  font: Qs,
  lineGap: ic,
  rotate: 0
};
function Td(e, t) {
  let n = 3 + (e || 1) * 2;
  return de(n * t, 3);
}
function Md(e, t) {
  let { scale: n, idxs: l } = e.series[0], r = e._data[0], s = e.valToPos(r[l[0]], n, !0), i = e.valToPos(r[l[1]], n, !0), o = Ae(i - s), u = e.series[t], a = o / (u.points.space * ie);
  return l[1] - l[0] <= a;
}
const Co = {
  scale: null,
  auto: !0,
  sorted: 0,
  // internal caches
  min: fe,
  max: -fe
}, ac = (e, t, n, l, r) => r, Lo = {
  show: !0,
  auto: !0,
  sorted: 0,
  gaps: ac,
  alpha: 1,
  facets: [
    $e({}, Co, { scale: "x" }),
    $e({}, Co, { scale: "y" })
  ]
}, Po = {
  scale: "y",
  auto: !0,
  sorted: 0,
  show: !0,
  spanGaps: !1,
  gaps: ac,
  alpha: 1,
  points: {
    show: Md,
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
function Od(e, t, n, l, r) {
  return n / 10;
}
const cc = {
  time: Xu,
  auto: !0,
  distr: 1,
  log: 10,
  asinh: 1,
  min: null,
  max: null,
  dir: 1,
  ori: 0
}, $d = $e({}, cc, {
  time: !1,
  ori: 1
}), Ao = {};
function uc(e, t) {
  let n = Ao[e];
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
  }, e != null && (Ao[e] = n)), n;
}
const rl = 1, Ss = 2;
function Nn(e, t, n) {
  const l = e.mode, r = e.series[t], s = l == 2 ? e._data[t] : e._data, i = e.scales, o = e.bbox;
  let u = s[0], a = l == 2 ? s[1] : s[t], f = l == 2 ? i[r.facets[0].scale] : i[e.series[0].scale], p = l == 2 ? i[r.facets[1].scale] : i[r.scale], _ = o.left, g = o.top, k = o.width, S = o.height, N = e.valToPosH, T = e.valToPosV;
  return f.ori == 0 ? n(
    r,
    u,
    a,
    f,
    p,
    N,
    T,
    _,
    g,
    k,
    S,
    yr,
    al,
    xr,
    dc,
    pc
  ) : n(
    r,
    u,
    a,
    f,
    p,
    T,
    N,
    g,
    _,
    S,
    k,
    Er,
    cl,
    ti,
    hc,
    gc
  );
}
function Xs(e, t) {
  let n = 0, l = 0, r = re(e.bands, Ys);
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
function Cd(e, t, n, l, r) {
  let s = e.mode, i = e.series[t], o = s == 2 ? i.facets[1].scale : i.scale, u = e.scales[o];
  return r == -1 ? u.min : r == 1 ? u.max : u.distr == 3 ? u.dir == 1 ? u.min : u.max : 0;
}
function Bt(e, t, n, l, r, s) {
  return Nn(e, t, (i, o, u, a, f, p, _, g, k, S, N) => {
    let T = i.pxRound;
    const v = a.dir * (a.ori == 0 ? 1 : -1), x = a.ori == 0 ? al : cl;
    let y, P;
    v == 1 ? (y = n, P = l) : (y = l, P = n);
    let C = T(p(o[y], a, S, g)), B = T(_(u[y], f, N, k)), I = T(p(o[P], a, S, g)), q = T(_(s == 1 ? f.max : f.min, f, N, k)), V = new Path2D(r);
    return x(V, I, q), x(V, C, q), x(V, C, B), V;
  });
}
function kr(e, t, n, l, r, s) {
  let i = null;
  if (e.length > 0) {
    i = new Path2D();
    const o = t == 0 ? xr : ti;
    let u = n;
    for (let p = 0; p < e.length; p++) {
      let _ = e[p];
      if (_[1] > _[0]) {
        let g = _[0] - u;
        g > 0 && o(i, u, l, g, l + s), u = _[1];
      }
    }
    let a = n + r - u, f = 10;
    a > 0 && o(i, u, l - f / 2, a, l + s + f);
  }
  return i;
}
function Ld(e, t, n) {
  let l = e[e.length - 1];
  l && l[0] == t ? l[1] = n : e.push([t, n]);
}
function ei(e, t, n, l, r, s, i) {
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
      let g = s(e[p]), k = _ == p ? g : s(e[_]), S = p - r;
      g = i <= 0 && S >= 0 && S < u ? s(e[S]) : g;
      let T = _ + r;
      k = i >= 0 && T >= 0 && T < u ? s(e[T]) : k, k >= g && o.push([g, k]);
    }
  return o;
}
function Io(e) {
  return e == 0 ? Va : e == 1 ? Pe : (t) => mn(t, e);
}
function fc(e) {
  let t = e == 0 ? yr : Er, n = e == 0 ? (r, s, i, o, u, a) => {
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
const yr = (e, t, n) => {
  e.moveTo(t, n);
}, Er = (e, t, n) => {
  e.moveTo(n, t);
}, al = (e, t, n) => {
  e.lineTo(t, n);
}, cl = (e, t, n) => {
  e.lineTo(n, t);
}, xr = fc(0), ti = fc(1), dc = (e, t, n, l, r, s) => {
  e.arc(t, n, l, r, s);
}, hc = (e, t, n, l, r, s) => {
  e.arc(n, t, l, r, s);
}, pc = (e, t, n, l, r, s, i) => {
  e.bezierCurveTo(t, n, l, r, s, i);
}, gc = (e, t, n, l, r, s, i) => {
  e.bezierCurveTo(n, t, r, l, i, s);
};
function mc(e) {
  return (t, n, l, r, s) => Nn(t, n, (i, o, u, a, f, p, _, g, k, S, N) => {
    let { pxRound: T, points: v } = i, x, y;
    a.ori == 0 ? (x = yr, y = dc) : (x = Er, y = hc);
    const P = de(v.width * ie, 3);
    let C = (v.size - v.width) / 2 * ie, B = de(C * 2, 3), I = new Path2D(), q = new Path2D(), { left: V, top: O, width: R, height: L } = t.bbox;
    xr(
      q,
      V - B,
      O - B,
      R + B * 2,
      L + B * 2
    );
    const j = (A) => {
      if (u[A] != null) {
        let U = T(p(o[A], a, S, g)), G = T(_(u[A], f, N, k));
        x(I, U + C, G), y(I, U, G, C, 0, nr * 2);
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
      flags: rl | Ss
    };
  });
}
function _c(e) {
  return (t, n, l, r, s, i) => {
    l != r && (s != l && i != l && e(t, n, l), s != r && i != r && e(t, n, r), e(t, n, i));
  };
}
const Pd = _c(al), Ad = _c(cl);
function wc(e) {
  const t = re(e?.alignGaps, 0);
  return (n, l, r, s) => Nn(n, l, (i, o, u, a, f, p, _, g, k, S, N) => {
    [r, s] = _r(u, r, s);
    let T = i.pxRound, v = (L) => T(p(L, a, S, g)), x = (L) => T(_(L, f, N, k)), y, P;
    a.ori == 0 ? (y = al, P = Pd) : (y = cl, P = Ad);
    const C = a.dir * (a.ori == 0 ? 1 : -1), B = { stroke: new Path2D(), fill: null, clip: null, band: null, gaps: null, flags: rl }, I = B.stroke;
    let q = !1;
    if (s - r >= S * 4) {
      let L = (Y) => n.posToVal(Y, a.key, !0), j = null, A = null, U, G, Xe, be = v(o[C == 1 ? r : s]), ne = v(o[r]), ce = v(o[s]), X = L(C == 1 ? ne + 1 : ce - 1);
      for (let Y = C == 1 ? r : s; Y >= r && Y <= s; Y += C) {
        let Ce = o[Y], ke = (C == 1 ? Ce < X : Ce > X) ? be : v(Ce), oe = u[Y];
        ke == be ? oe != null ? (G = oe, j == null ? (y(I, ke, x(G)), U = j = A = G) : G < j ? j = G : G > A && (A = G)) : oe === null && (q = !0) : (j != null && P(I, be, x(j), x(A), x(U), x(G)), oe != null ? (G = oe, y(I, ke, x(G)), j = A = U = G) : (j = A = null, oe === null && (q = !0)), be = ke, X = L(be + C));
      }
      j != null && j != A && Xe != be && P(I, be, x(j), x(A), x(U), x(G));
    } else
      for (let L = C == 1 ? r : s; L >= r && L <= s; L += C) {
        let j = u[L];
        j === null ? q = !0 : j != null && y(I, v(o[L]), x(j));
      }
    let [O, R] = Xs(n, l);
    if (i.fill != null || O != 0) {
      let L = B.fill = new Path2D(I), j = i.fillTo(n, l, i.min, i.max, O), A = x(j), U = v(o[r]), G = v(o[s]);
      C == -1 && ([G, U] = [U, G]), y(L, G, A), y(L, U, A);
    }
    if (!i.spanGaps) {
      let L = [];
      q && L.push(...ei(o, u, r, s, C, v, t)), B.gaps = L = i.gaps(n, l, r, s, L), B.clip = kr(L, a.ori, g, k, S, N);
    }
    return R != 0 && (B.band = R == 2 ? [
      Bt(n, l, r, s, I, -1),
      Bt(n, l, r, s, I, 1)
    ] : Bt(n, l, r, s, I, R)), B;
  });
}
function Id(e) {
  const t = re(e.align, 1), n = re(e.ascDesc, !1), l = re(e.alignGaps, 0), r = re(e.extend, !1);
  return (s, i, o, u) => Nn(s, i, (a, f, p, _, g, k, S, N, T, v, x) => {
    [o, u] = _r(p, o, u);
    let y = a.pxRound, { left: P, width: C } = s.bbox, B = (ne) => y(k(ne, _, v, N)), I = (ne) => y(S(ne, g, x, T)), q = _.ori == 0 ? al : cl;
    const V = { stroke: new Path2D(), fill: null, clip: null, band: null, gaps: null, flags: rl }, O = V.stroke, R = _.dir * (_.ori == 0 ? 1 : -1);
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
    r && t == 1 && (G = P + C, q(O, G, L));
    let [Xe, be] = Xs(s, i);
    if (a.fill != null || Xe != 0) {
      let ne = V.fill = new Path2D(O), ce = a.fillTo(s, i, a.min, a.max, Xe), X = I(ce);
      q(ne, G, X), q(ne, U, X);
    }
    if (!a.spanGaps) {
      let ne = [];
      ne.push(...ei(f, p, o, u, R, B, l));
      let ce = a.width * ie / 2, X = n || t == 1 ? ce : -ce, Y = n || t == -1 ? -ce : ce;
      ne.forEach((Ce) => {
        Ce[0] += X, Ce[1] += Y;
      }), V.gaps = ne = a.gaps(s, i, o, u, ne), V.clip = kr(ne, _.ori, N, T, v, x);
    }
    return be != 0 && (V.band = be == 2 ? [
      Bt(s, i, o, u, O, -1),
      Bt(s, i, o, u, O, 1)
    ] : Bt(s, i, o, u, O, be)), V;
  });
}
function Do(e, t, n, l, r, s, i = fe) {
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
function Dd(e) {
  e = e || Ll;
  const t = re(e.size, [0.6, fe, 1]), n = e.align || 0, l = e.gap || 0;
  let r = e.radius;
  r = // [valueRadius, baselineRadius]
  r == null ? [0, 0] : typeof r == "number" ? [r, 0] : r;
  const s = te(r), i = 1 - t[0], o = re(t[1], fe), u = re(t[2], 1), a = re(e.disp, Ll), f = re(e.each, (g) => {
  }), { fill: p, stroke: _ } = a;
  return (g, k, S, N) => Nn(g, k, (T, v, x, y, P, C, B, I, q, V, O) => {
    let R = T.pxRound, L = n, j = l * ie, A = o * ie, U = u * ie, G, Xe;
    y.ori == 0 ? [G, Xe] = s(g, k) : [Xe, G] = s(g, k);
    const be = y.dir * (y.ori == 0 ? 1 : -1);
    let ne = y.ori == 0 ? xr : ti, ce = y.ori == 0 ? f : (H, pe, Le, Cn, an, Ot, cn) => {
      f(H, pe, Le, an, Cn, cn, Ot);
    }, X = re(g.bands, Ys).find((H) => H.series[0] == k), Y = X != null ? X.dir : 0, Ce = T.fillTo(g, k, T.min, T.max, Y), Ge = R(B(Ce, P, O, q)), ke, oe, vt, nt = V, Ee = R(T.width * ie), Mt = !1, Vt = null, ft = null, Ut = null, Mn = null;
    p != null && (Ee == 0 || _ != null) && (Mt = !0, Vt = p.values(g, k, S, N), ft = /* @__PURE__ */ new Map(), new Set(Vt).forEach((H) => {
      H != null && ft.set(H, new Path2D());
    }), Ee > 0 && (Ut = _.values(g, k, S, N), Mn = /* @__PURE__ */ new Map(), new Set(Ut).forEach((H) => {
      H != null && Mn.set(H, new Path2D());
    })));
    let { x0: On, size: fl } = a;
    if (On != null && fl != null) {
      L = 1, v = On.values(g, k, S, N), On.unit == 2 && (v = v.map((Le) => g.posToVal(I + Le * V, y.key, !0)));
      let H = fl.values(g, k, S, N);
      fl.unit == 2 ? oe = H[0] * V : oe = C(H[0], y, V, I) - C(0, y, V, I), nt = Do(v, x, C, y, V, I, nt), vt = nt - oe + j;
    } else
      nt = Do(v, x, C, y, V, I, nt), vt = nt * i + j, oe = nt - vt;
    vt < 1 && (vt = 0), Ee >= oe / 2 && (Ee = 0), vt < 5 && (R = Va);
    let zl = vt > 0, sn = nt - vt - (zl ? Ee : 0);
    oe = R(ys(sn, U, A)), ke = (L == 0 ? oe / 2 : L == be ? 0 : oe) - L * be * ((L == 0 ? j / 2 : 0) + (zl ? Ee / 2 : 0));
    const Ue = { stroke: null, fill: null, clip: null, band: null, gaps: null, flags: 0 }, $n = Mt ? null : new Path2D();
    let Ht = null;
    if (X != null)
      Ht = g.data[X.series[1]];
    else {
      let { y0: H, y1: pe } = a;
      H != null && pe != null && (x = pe.values(g, k, S, N), Ht = H.values(g, k, S, N));
    }
    let on = G * oe, Q = Xe * oe;
    for (let H = be == 1 ? S : N; H >= S && H <= N; H += be) {
      let pe = x[H];
      if (pe == null)
        continue;
      if (Ht != null) {
        let et = Ht[H] ?? 0;
        if (pe - et == 0)
          continue;
        Ge = B(et, P, O, q);
      }
      let Le = y.distr != 2 || a != null ? v[H] : H, Cn = C(Le, y, V, I), an = B(re(pe, Ce), P, O, q), Ot = R(Cn - ke), cn = R(Ze(an, Ge)), lt = R(Nt(an, Ge)), dt = cn - lt;
      if (pe != null) {
        let et = pe < 0 ? Q : on, bt = pe < 0 ? on : Q;
        Mt ? (Ee > 0 && Ut[H] != null && ne(Mn.get(Ut[H]), Ot, lt + at(Ee / 2), oe, Ze(0, dt - Ee), et, bt), Vt[H] != null && ne(ft.get(Vt[H]), Ot, lt + at(Ee / 2), oe, Ze(0, dt - Ee), et, bt)) : ne($n, Ot, lt + at(Ee / 2), oe, Ze(0, dt - Ee), et, bt), ce(
          g,
          k,
          H,
          Ot - Ee / 2,
          lt,
          oe + Ee,
          dt
        );
      }
    }
    return Ee > 0 ? Ue.stroke = Mt ? Mn : $n : Mt || (Ue._fill = T.width == 0 ? T._fill : T._stroke ?? T._fill, Ue.width = 0), Ue.fill = Mt ? ft : $n, Ue;
  });
}
function Rd(e, t) {
  const n = re(t?.alignGaps, 0);
  return (l, r, s, i) => Nn(l, r, (o, u, a, f, p, _, g, k, S, N, T) => {
    [s, i] = _r(a, s, i);
    let v = o.pxRound, x = (G) => v(_(G, f, N, k)), y = (G) => v(g(G, p, T, S)), P, C, B;
    f.ori == 0 ? (P = yr, B = al, C = pc) : (P = Er, B = cl, C = gc);
    const I = f.dir * (f.ori == 0 ? 1 : -1);
    let q = x(u[I == 1 ? s : i]), V = q, O = [], R = [];
    for (let G = I == 1 ? s : i; G >= s && G <= i; G += I)
      if (a[G] != null) {
        let be = u[G], ne = x(be);
        O.push(V = ne), R.push(y(a[G]));
      }
    const L = { stroke: e(O, R, P, B, C, v), fill: null, clip: null, band: null, gaps: null, flags: rl }, j = L.stroke;
    let [A, U] = Xs(l, r);
    if (o.fill != null || A != 0) {
      let G = L.fill = new Path2D(j), Xe = o.fillTo(l, r, o.min, o.max, A), be = y(Xe);
      B(G, V, be), B(G, q, be);
    }
    if (!o.spanGaps) {
      let G = [];
      G.push(...ei(u, a, s, i, I, x, n)), L.gaps = G = o.gaps(l, r, s, i, G), L.clip = kr(G, f.ori, k, S, N, T);
    }
    return U != 0 && (L.band = U == 2 ? [
      Bt(l, r, s, i, j, -1),
      Bt(l, r, s, i, j, 1)
    ] : Bt(l, r, s, i, j, U)), L;
  });
}
function jd(e) {
  return Rd(Fd, e);
}
function Fd(e, t, n, l, r, s) {
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
const Ns = /* @__PURE__ */ new Set();
function Ro() {
  for (let e of Ns)
    e.syncRect(!0);
}
ol && (kn(vf, Zn, Ro), kn(bf, Zn, Ro, !0), kn(ir, Zn, () => {
  qe.pxRatio = ie;
}));
const zd = wc(), Vd = mc();
function jo(e, t, n, l) {
  return (l ? [e[0], e[1]].concat(e.slice(2)) : [e[0]].concat(e.slice(1))).map((s, i) => Ts(s, i, t, n));
}
function Hd(e, t) {
  return e.map((n, l) => l == 0 ? {} : $e({}, t, n));
}
function Ts(e, t, n, l) {
  return $e({}, t == 0 ? n : l, e);
}
function vc(e, t, n) {
  return t == null ? nl : [t, n];
}
const Wd = vc;
function qd(e, t, n) {
  return t == null ? nl : or(t, n, Gs, !0);
}
function bc(e, t, n, l) {
  return t == null ? nl : wr(t, n, e.scales[l].log, !1);
}
const Bd = bc;
function kc(e, t, n, l) {
  return t == null ? nl : Bs(t, n, e.scales[l].log, !1);
}
const Gd = kc;
function Ud(e, t, n, l, r) {
  let s = Ze(mo(e), mo(t)), i = t - e, o = St(r / l * i, n);
  do {
    let u = n[o], a = l * u / i;
    if (a >= r && s + (u < 5 ? ln.get(u) : 0) <= 17)
      return [u, a];
  } while (++o < n.length);
  return [0, 0];
}
function Fo(e) {
  let t, n;
  return e = e.replace(/(\d+)px/, (l, r) => (t = Pe((n = +r) * ie)) + "px"), [e, t, n];
}
function Yd(e) {
  e.show && [e.font, e.labelFont].forEach((t) => {
    let n = de(t[2] * ie, 1);
    t[0] = t[0].replace(/[0-9.]+px/, n + "px"), t[1] = n;
  });
}
function qe(e, t, n) {
  const l = {
    mode: re(e.mode, 1)
  }, r = l.mode;
  function s(c, d, m, w) {
    let b = d.valToPct(c);
    return w + m * (d.dir == -1 ? 1 - b : b);
  }
  function i(c, d, m, w) {
    let b = d.valToPct(c);
    return w + m * (d.dir == -1 ? b : 1 - b);
  }
  function o(c, d, m, w) {
    return d.ori == 0 ? s(c, d, m, w) : i(c, d, m, w);
  }
  l.valToPosH = s, l.valToPosV = i;
  let u = !1;
  l.status = 0;
  const a = l.root = _t(ef);
  if (e.id != null && (a.id = e.id), ot(a, e.class), e.title) {
    let c = _t(lf, a);
    c.textContent = e.title;
  }
  const f = xt("canvas"), p = l.ctx = f.getContext("2d"), _ = _t(rf, a);
  kn("click", _, (c) => {
    c.target === k && (ge != Hn || ye != Wn) && We.click(l, c);
  }, !0);
  const g = l.under = _t(sf, _);
  _.appendChild(f);
  const k = l.over = _t(of, _);
  e = ll(e);
  const S = +re(e.pxAlign, 1), N = Io(S);
  (e.plugins || []).forEach((c) => {
    c.opts && (e = c.opts(l, e) || e);
  });
  const T = e.ms || 1e-3, v = l.series = r == 1 ? jo(e.series || [], Mo, Po, !1) : Hd(e.series || [null], Lo), x = l.axes = jo(e.axes || [], To, $o, !0), y = l.scales = {}, P = l.bands = e.bands || [];
  P.forEach((c) => {
    c.fill = te(c.fill || null), c.dir = re(c.dir, -1);
  });
  const C = r == 2 ? v[1].facets[0].scale : v[0].scale, B = {
    axes: hu,
    series: au
  }, I = (e.drawOrder || ["axes", "series"]).map((c) => B[c]);
  function q(c) {
    const d = c.distr == 3 ? (m) => qt(m > 0 ? m : c.clamp(l, m, c.min, c.max, c.key)) : c.distr == 4 ? (m) => ts(m, c.asinh) : c.distr == 100 ? (m) => c.fwd(m) : (m) => m;
    return (m) => {
      let w = d(m), { _min: b, _max: E } = c, M = E - b;
      return (w - b) / M;
    };
  }
  function V(c) {
    let d = y[c];
    if (d == null) {
      let m = (e.scales || Ll)[c] || Ll;
      if (m.from != null) {
        V(m.from);
        let w = $e({}, y[m.from], m, { key: c });
        w.valToPct = q(w), y[c] = w;
      } else {
        d = y[c] = $e({}, c == C ? cc : $d, m), d.key = c;
        let w = d.time, b = d.range, E = en(b);
        if ((c != C || r == 2 && !w) && (E && (b[0] == null || b[1] == null) && (b = {
          min: b[0] == null ? ho : {
            mode: 1,
            hard: b[0],
            soft: b[0]
          },
          max: b[1] == null ? ho : {
            mode: 1,
            hard: b[1],
            soft: b[1]
          }
        }, E = !1), !E && br(b))) {
          let M = b;
          b = ($, D, F) => D == null ? nl : or(D, F, M);
        }
        d.range = te(b || (w ? Wd : c == C ? d.distr == 3 ? Bd : d.distr == 4 ? Gd : vc : d.distr == 3 ? bc : d.distr == 4 ? kc : qd)), d.auto = te(E ? !1 : d.auto), d.clamp = te(d.clamp || Od), d._min = d._max = null, d.valToPct = q(d);
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
  const O = y[C], R = O.distr;
  let L, j;
  O.ori == 0 ? (ot(a, tf), L = s, j = i) : (ot(a, nf), L = i, j = s);
  const A = {};
  for (let c in y) {
    let d = y[c];
    (d.min != null || d.max != null) && (A[c] = { min: d.min, max: d.max }, d.min = d.max = null);
  }
  const U = e.tzDate || ((c) => new Date(Pe(c / T))), G = e.fmtDate || Ks, Xe = T == 1 ? nd(U) : sd(U), be = xo(U, Eo(T == 1 ? td : rd, G)), ne = No(U, So(od, G)), ce = [], X = l.legend = $e({}, ud, e.legend), Y = l.cursor = $e({}, md, { drag: { y: r == 2 } }, e.cursor), Ce = X.show, Ge = Y.show, ke = X.markers;
  X.idxs = ce, ke.width = te(ke.width), ke.dash = te(ke.dash), ke.stroke = te(ke.stroke), ke.fill = te(ke.fill);
  let oe, vt, nt, Ee = [], Mt = [], Vt, ft = !1, Ut = {};
  if (X.live) {
    const c = v[1] ? v[1].values : null;
    ft = c != null, Vt = ft ? c(l, 1, 0) : { _: 0 };
    for (let d in Vt)
      Ut[d] = Ws;
  }
  if (Ce)
    if (oe = xt("table", hf, a), nt = xt("tbody", null, oe), X.mount(l, oe), ft) {
      vt = xt("thead", null, oe, nt);
      let c = xt("tr", null, vt);
      xt("th", null, c);
      for (var Mn in Vt)
        xt("th", Xi, c).textContent = Mn;
    } else
      ot(oe, gf), X.live && ot(oe, pf);
  const On = { show: !0 }, fl = { show: !1 };
  function zl(c, d) {
    if (d == 0 && (ft || !X.live || r == 2))
      return nl;
    let m = [], w = xt("tr", mf, nt, nt.childNodes[d]);
    ot(w, c.class), c.show || ot(w, wn);
    let b = xt("th", null, w);
    if (ke.show) {
      let $ = _t(_f, b);
      if (d > 0) {
        let D = ke.width(l, d);
        D && ($.style.border = D + "px " + ke.dash(l, d) + " " + ke.stroke(l, d)), $.style.background = ke.fill(l, d);
      }
    }
    let E = _t(Xi, b);
    c.label instanceof HTMLElement ? E.appendChild(c.label) : E.textContent = c.label, d > 0 && (ke.show || (E.style.color = c.width > 0 ? ke.stroke(l, d) : ke.fill(l, d)), Ue("click", b, ($) => {
      if (Y._lock)
        return;
      fn($);
      let D = v.indexOf(c);
      if (($.ctrlKey || $.metaKey) != X.isolate) {
        let F = v.some((z, W) => W > 0 && W != D && z.show);
        v.forEach((z, W) => {
          W > 0 && Ct(W, F ? W == D ? On : fl : On, !0, Oe.setSeries);
        });
      } else
        Ct(D, { show: !c.show }, !0, Oe.setSeries);
    }, !1), Pn && Ue(lo, b, ($) => {
      Y._lock || (fn($), Ct(v.indexOf(c), Bn, !0, Oe.setSeries));
    }, !1));
    for (var M in Vt) {
      let $ = xt("td", wf, w);
      $.textContent = "--", m.push($);
    }
    return [w, m];
  }
  const sn = /* @__PURE__ */ new Map();
  function Ue(c, d, m, w = !0) {
    const b = sn.get(d) || {}, E = Y.bind[c](l, d, m, w);
    E && (kn(c, d, b[c] = E), sn.set(d, b));
  }
  function $n(c, d, m) {
    const w = sn.get(d) || {};
    for (let b in w)
      (c == null || b == c) && (ks(b, d, w[b]), delete w[b]);
    c == null && sn.delete(d);
  }
  let Ht = 0, on = 0, Q = 0, H = 0, pe = 0, Le = 0, Cn = pe, an = Le, Ot = Q, cn = H, lt = 0, dt = 0, et = 0, bt = 0;
  l.bbox = {};
  let Mr = !1, Vl = !1, Ln = !1, un = !1, Hl = !1, ht = !1;
  function Or(c, d, m) {
    (m || c != l.width || d != l.height) && ci(c, d), jn(!1), Ln = !0, Vl = !0, Fn();
  }
  function ci(c, d) {
    l.width = Ht = Q = c, l.height = on = H = d, pe = Le = 0, tu(), nu();
    let m = l.bbox;
    lt = m.left = mn(pe * ie, 0.5), dt = m.top = mn(Le * ie, 0.5), et = m.width = mn(Q * ie, 0.5), bt = m.height = mn(H * ie, 0.5);
  }
  const Qc = 3;
  function Xc() {
    let c = !1, d = 0;
    for (; !c; ) {
      d++;
      let m = fu(d), w = du(d);
      c = d == Qc || m && w, c || (ci(l.width, l.height), Vl = !0);
    }
  }
  function eu({ width: c, height: d }) {
    Or(c, d);
  }
  l.setSize = eu;
  function tu() {
    let c = !1, d = !1, m = !1, w = !1;
    x.forEach((b, E) => {
      if (b.show && b._show) {
        let { side: M, _size: $ } = b, D = M % 2, F = b.label != null ? b.labelSize : 0, z = $ + F;
        z > 0 && (D ? (Q -= z, M == 3 ? (pe += z, w = !0) : m = !0) : (H -= z, M == 0 ? (Le += z, c = !0) : d = !0));
      }
    }), dn[0] = c, dn[1] = m, dn[2] = d, dn[3] = w, Q -= Yt[1] + Yt[3], pe += Yt[3], H -= Yt[2] + Yt[0], Le += Yt[0];
  }
  function nu() {
    let c = pe + Q, d = Le + H, m = pe, w = Le;
    function b(E, M) {
      switch (E) {
        case 1:
          return c += M, c - M;
        case 2:
          return d += M, d - M;
        case 3:
          return m -= M, m + M;
        case 0:
          return w -= M, w + M;
      }
    }
    x.forEach((E, M) => {
      if (E.show && E._show) {
        let $ = E.side;
        E._pos = b($, E._size), E.label != null && (E._lpos = b($, E.labelSize));
      }
    });
  }
  if (Y.dataIdx == null) {
    let c = Y.hover, d = c.skip = new Set(c.skip ?? []);
    d.add(void 0);
    let m = c.prox = te(c.prox), w = c.bias ??= 0;
    Y.dataIdx = (b, E, M, $) => {
      if (E == 0)
        return M;
      let D = M, F = m(b, E, M, $) ?? fe, z = F >= 0 && F < fe, W = O.ori == 0 ? Q : H, Z = Y.left, se = t[0], le = t[E];
      if (d.has(le[M])) {
        D = null;
        let ee = null, J = null, K;
        if (w == 0 || w == -1)
          for (K = M; ee == null && K-- > 0; )
            d.has(le[K]) || (ee = K);
        if (w == 0 || w == 1)
          for (K = M; J == null && K++ < le.length; )
            d.has(le[K]) || (J = K);
        if (ee != null || J != null)
          if (z) {
            let _e = ee == null ? -1 / 0 : L(se[ee], O, W, 0), xe = J == null ? 1 / 0 : L(se[J], O, W, 0), Ve = Z - _e, ue = xe - Z;
            Ve <= ue ? Ve <= F && (D = ee) : ue <= F && (D = J);
          } else
            D = J == null ? ee : ee == null ? J : M - ee <= J - M ? ee : J;
      } else z && Ae(Z - L(se[M], O, W, 0)) > F && (D = null);
      return D;
    };
  }
  const fn = (c) => {
    Y.event = c;
  };
  Y.idxs = ce, Y._lock = !1;
  let Be = Y.points;
  Be.show = te(Be.show), Be.size = te(Be.size), Be.stroke = te(Be.stroke), Be.width = te(Be.width), Be.fill = te(Be.fill);
  const $t = l.focus = $e({}, e.focus || { alpha: 0.3 }, Y.focus), Pn = $t.prox >= 0, An = Pn && Be.one;
  let pt = [], In = [], Dn = [];
  function ui(c, d) {
    let m = Be.show(l, d);
    if (m instanceof HTMLElement)
      return ot(m, df), ot(m, c.class), It(m, -10, -10, Q, H), k.insertBefore(m, pt[d]), m;
  }
  function fi(c, d) {
    if (r == 1 || d > 0) {
      let m = r == 1 && y[c.scale].time, w = c.value;
      c.value = m ? vo(w) ? No(U, So(w, G)) : w || ne : w || Nd, c.label = c.label || (m ? wd : _d);
    }
    if (An || d > 0) {
      c.width = c.width == null ? 1 : c.width, c.paths = c.paths || zd || $f, c.fillTo = te(c.fillTo || Cd), c.pxAlign = +re(c.pxAlign, S), c.pxRound = Io(c.pxAlign), c.stroke = te(c.stroke || null), c.fill = te(c.fill || null), c._stroke = c._fill = c._paths = c._focus = null;
      let m = Td(Ze(1, c.width), 1), w = c.points = $e({}, {
        size: m,
        width: Ze(1, m * 0.2),
        stroke: c.stroke,
        space: m * 2,
        paths: Vd,
        _stroke: null,
        _fill: null
      }, c.points);
      w.show = te(w.show), w.filter = te(w.filter), w.fill = te(w.fill), w.stroke = te(w.stroke), w.paths = te(w.paths), w.pxAlign = c.pxAlign;
    }
    if (Ce) {
      let m = zl(c, d);
      Ee.splice(d, 0, m[0]), Mt.splice(d, 0, m[1]), X.values.push(null);
    }
    if (Ge) {
      ce.splice(d, 0, null);
      let m = null;
      An ? d == 0 && (m = ui(c, d)) : d > 0 && (m = ui(c, d)), pt.splice(d, 0, m), In.splice(d, 0, 0), Dn.splice(d, 0, 0);
    }
    ze("addSeries", d);
  }
  function lu(c, d) {
    d = d ?? v.length, c = r == 1 ? Ts(c, d, Mo, Po) : Ts(c, d, {}, Lo), v.splice(d, 0, c), fi(v[d], d);
  }
  l.addSeries = lu;
  function ru(c) {
    if (v.splice(c, 1), Ce) {
      X.values.splice(c, 1), Mt.splice(c, 1);
      let d = Ee.splice(c, 1)[0];
      $n(null, d.firstChild), d.remove();
    }
    Ge && (ce.splice(c, 1), pt.splice(c, 1)[0].remove(), In.splice(c, 1), Dn.splice(c, 1)), ze("delSeries", c);
  }
  l.delSeries = ru;
  const dn = [!1, !1, !1, !1];
  function su(c, d) {
    if (c._show = c.show, c.show) {
      let m = c.side % 2, w = y[c.scale];
      w == null && (c.scale = m ? v[1].scale : C, w = y[c.scale]);
      let b = w.time;
      c.size = te(c.size), c.space = te(c.space), c.rotate = te(c.rotate), en(c.incrs) && c.incrs.forEach((M) => {
        !ln.has(M) && ln.set(M, qa(M));
      }), c.incrs = te(c.incrs || (w.distr == 2 ? Qf : b ? T == 1 ? ed : ld : _n)), c.splits = te(c.splits || (b && w.distr == 1 ? Xe : w.distr == 3 ? Es : w.distr == 4 ? kd : bd)), c.stroke = te(c.stroke), c.grid.stroke = te(c.grid.stroke), c.ticks.stroke = te(c.ticks.stroke), c.border.stroke = te(c.border.stroke);
      let E = c.values;
      c.values = // static array of tick values
      en(E) && !en(E[0]) ? te(E) : (
        // temporal
        b ? (
          // config array of fmtDate string tpls
          en(E) ? xo(U, Eo(E, G)) : (
            // fmtDate string tpl
            vo(E) ? id(U, E) : E || be
          )
        ) : E || vd
      ), c.filter = te(c.filter || (w.distr >= 3 && w.log == 10 ? xd : w.distr == 3 && w.log == 2 ? Sd : Ha)), c.font = Fo(c.font), c.labelFont = Fo(c.labelFont), c._size = c.size(l, null, d, 0), c._space = c._rotate = c._incrs = c._found = // foundIncrSpace
      c._splits = c._values = null, c._size > 0 && (dn[d] = !0, c._el = _t(af, _));
    }
  }
  function dl(c, d, m, w) {
    let [b, E, M, $] = m, D = d % 2, F = 0;
    return D == 0 && ($ || E) && (F = d == 0 && !b || d == 2 && !M ? Pe(To.size / 3) : 0), D == 1 && (b || M) && (F = d == 1 && !E || d == 3 && !$ ? Pe($o.size / 2) : 0), F;
  }
  const di = l.padding = (e.padding || [dl, dl, dl, dl]).map((c) => te(re(c, dl))), Yt = l._padding = di.map((c, d) => c(l, d, dn, 0));
  let He, De = null, Re = null;
  const Wl = r == 1 ? v[0].idxs : null;
  let kt = null, hl = !1;
  function hi(c, d) {
    if (t = c ?? [], l.data = l._data = t, r == 2) {
      He = 0;
      for (let m = 1; m < v.length; m++)
        He += t[m][0].length;
    } else {
      t.length == 0 && (l.data = l._data = t = [[]]), kt = t[0], He = kt.length;
      let m = t;
      if (R == 2) {
        m = t.slice();
        let w = m[0] = Array(He);
        for (let b = 0; b < He; b++)
          w[b] = b;
      }
      l._data = t = m;
    }
    if (jn(!0), ze("setData"), R == 2 && (Ln = !0), d !== !1) {
      let m = O;
      m.auto(l, hl) ? $r() : Jt(C, m.min, m.max), un = un || Y.left >= 0, ht = !0, Fn();
    }
  }
  l.setData = hi;
  function $r() {
    hl = !0;
    let c, d;
    r == 1 && (He > 0 ? (De = Wl[0] = 0, Re = Wl[1] = He - 1, c = t[0][De], d = t[0][Re], R == 2 ? (c = De, d = Re) : c == d && (R == 3 ? [c, d] = wr(c, c, O.log, !1) : R == 4 ? [c, d] = Bs(c, c, O.log, !1) : O.time ? d = c + Pe(86400 / T) : [c, d] = or(c, d, Gs, !0))) : (De = Wl[0] = c = null, Re = Wl[1] = d = null)), Jt(C, c, d);
  }
  let ql, Rn, Cr, Lr, Pr, Ar, Ir, Dr, Rr, tt;
  function pi(c, d, m, w, b, E) {
    c ??= to, m ??= Ys, w ??= "butt", b ??= to, E ??= "round", c != ql && (p.strokeStyle = ql = c), b != Rn && (p.fillStyle = Rn = b), d != Cr && (p.lineWidth = Cr = d), E != Pr && (p.lineJoin = Pr = E), w != Ar && (p.lineCap = Ar = w), m != Lr && p.setLineDash(Lr = m);
  }
  function gi(c, d, m, w) {
    d != Rn && (p.fillStyle = Rn = d), c != Ir && (p.font = Ir = c), m != Dr && (p.textAlign = Dr = m), w != Rr && (p.textBaseline = Rr = w);
  }
  function jr(c, d, m, w, b = 0) {
    if (w.length > 0 && c.auto(l, hl) && (d == null || d.min == null)) {
      let E = re(De, 0), M = re(Re, w.length - 1), $ = m.min == null ? xf(w, E, M, b, c.distr == 3) : [m.min, m.max];
      c.min = Nt(c.min, m.min = $[0]), c.max = Ze(c.max, m.max = $[1]);
    }
  }
  const mi = { min: null, max: null };
  function iu() {
    for (let w in y) {
      let b = y[w];
      A[w] == null && // scales that have never been set (on init)
      (b.min == null || // or auto scales when the x scale was explicitly set
      A[C] != null && b.auto(l, hl)) && (A[w] = mi);
    }
    for (let w in y) {
      let b = y[w];
      A[w] == null && b.from != null && A[b.from] != null && (A[w] = mi);
    }
    A[C] != null && jn(!0);
    let c = {};
    for (let w in A) {
      let b = A[w];
      if (b != null) {
        let E = c[w] = ll(y[w], Pf);
        if (b.min != null)
          $e(E, b);
        else if (w != C || r == 2)
          if (He == 0 && E.from == null) {
            let M = E.range(l, null, null, w);
            E.min = M[0], E.max = M[1];
          } else
            E.min = fe, E.max = -fe;
      }
    }
    if (He > 0) {
      v.forEach((w, b) => {
        if (r == 1) {
          let E = w.scale, M = A[E];
          if (M == null)
            return;
          let $ = c[E];
          if (b == 0) {
            let D = $.range(l, $.min, $.max, E);
            $.min = D[0], $.max = D[1], De = St($.min, t[0]), Re = St($.max, t[0]), Re - De > 1 && (t[0][De] < $.min && De++, t[0][Re] > $.max && Re--), w.min = kt[De], w.max = kt[Re];
          } else w.show && w.auto && jr($, M, w, t[b], w.sorted);
          w.idxs[0] = De, w.idxs[1] = Re;
        } else if (b > 0 && w.show && w.auto) {
          let [E, M] = w.facets, $ = E.scale, D = M.scale, [F, z] = t[b], W = c[$], Z = c[D];
          W != null && jr(W, A[$], E, F, E.sorted), Z != null && jr(Z, A[D], M, z, M.sorted), w.min = M.min, w.max = M.max;
        }
      });
      for (let w in c) {
        let b = c[w], E = A[w];
        if (b.from == null && (E == null || E.min == null)) {
          let M = b.range(
            l,
            b.min == fe ? null : b.min,
            b.max == -fe ? null : b.max,
            w
          );
          b.min = M[0], b.max = M[1];
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
          let M = b.range(l, E.min, E.max, w);
          b.min = M[0], b.max = M[1];
        }
      }
    }
    let d = {}, m = !1;
    for (let w in c) {
      let b = c[w], E = y[w];
      if (E.min != b.min || E.max != b.max) {
        E.min = b.min, E.max = b.max;
        let M = E.distr;
        E._min = M == 3 ? qt(E.min) : M == 4 ? ts(E.min, E.asinh) : M == 100 ? E.fwd(E.min) : E.min, E._max = M == 3 ? qt(E.max) : M == 4 ? ts(E.max, E.asinh) : M == 100 ? E.fwd(E.max) : E.max, d[w] = m = !0;
      }
    }
    if (m) {
      v.forEach((w, b) => {
        r == 2 ? b > 0 && d.y && (w._paths = null) : d[w.scale] && (w._paths = null);
      });
      for (let w in d)
        Ln = !0, ze("setScale", w);
      Ge && Y.left >= 0 && (un = ht = !0);
    }
    for (let w in A)
      A[w] = null;
  }
  function ou(c) {
    let d = ys(De - 1, 0, He - 1), m = ys(Re + 1, 0, He - 1);
    for (; c[d] == null && d > 0; )
      d--;
    for (; c[m] == null && m < He - 1; )
      m++;
    return [d, m];
  }
  function au() {
    if (He > 0) {
      let c = v.some((d) => d._focus) && tt != $t.alpha;
      c && (p.globalAlpha = tt = $t.alpha), v.forEach((d, m) => {
        if (m > 0 && d.show && (_i(m, !1), _i(m, !0), d._paths == null)) {
          let w = tt;
          tt != d.alpha && (p.globalAlpha = tt = d.alpha);
          let b = r == 2 ? [0, t[m][0].length - 1] : ou(t[m]);
          d._paths = d.paths(l, m, b[0], b[1]), tt != w && (p.globalAlpha = tt = w);
        }
      }), v.forEach((d, m) => {
        if (m > 0 && d.show) {
          let w = tt;
          tt != d.alpha && (p.globalAlpha = tt = d.alpha), d._paths != null && wi(m, !1);
          {
            let b = d._paths != null ? d._paths.gaps : null, E = d.points.show(l, m, De, Re, b), M = d.points.filter(l, m, E, b);
            (E || M) && (d.points._paths = d.points.paths(l, m, De, Re, M), wi(m, !0));
          }
          tt != w && (p.globalAlpha = tt = w), ze("drawSeries", m);
        }
      }), c && (p.globalAlpha = tt = 1);
    }
  }
  function _i(c, d) {
    let m = d ? v[c].points : v[c];
    m._stroke = m.stroke(l, c), m._fill = m.fill(l, c);
  }
  function wi(c, d) {
    let m = d ? v[c].points : v[c], {
      stroke: w,
      fill: b,
      clip: E,
      flags: M,
      _stroke: $ = m._stroke,
      _fill: D = m._fill,
      _width: F = m.width
    } = m._paths;
    F = de(F * ie, 3);
    let z = null, W = F % 2 / 2;
    d && D == null && (D = F > 0 ? "#fff" : $);
    let Z = m.pxAlign == 1 && W > 0;
    if (Z && p.translate(W, W), !d) {
      let se = lt - F / 2, le = dt - F / 2, ee = et + F, J = bt + F;
      z = new Path2D(), z.rect(se, le, ee, J);
    }
    d ? Fr($, F, m.dash, m.cap, D, w, b, M, E) : cu(c, $, F, m.dash, m.cap, D, w, b, M, z, E), Z && p.translate(-W, -W);
  }
  function cu(c, d, m, w, b, E, M, $, D, F, z) {
    let W = !1;
    D != 0 && P.forEach((Z, se) => {
      if (Z.series[0] == c) {
        let le = v[Z.series[1]], ee = t[Z.series[1]], J = (le._paths || Ll).band;
        en(J) && (J = Z.dir == 1 ? J[0] : J[1]);
        let K, _e = null;
        le.show && J && Nf(ee, De, Re) ? (_e = Z.fill(l, se) || E, K = le._paths.clip) : J = null, Fr(d, m, w, b, _e, M, $, D, F, z, K, J), W = !0;
      }
    }), W || Fr(d, m, w, b, E, M, $, D, F, z);
  }
  const vi = rl | Ss;
  function Fr(c, d, m, w, b, E, M, $, D, F, z, W) {
    pi(c, d, m, w, b), (D || F || W) && (p.save(), D && p.clip(D), F && p.clip(F)), W ? ($ & vi) == vi ? (p.clip(W), z && p.clip(z), Gl(b, M), Bl(c, E, d)) : $ & Ss ? (Gl(b, M), p.clip(W), Bl(c, E, d)) : $ & rl && (p.save(), p.clip(W), z && p.clip(z), Gl(b, M), p.restore(), Bl(c, E, d)) : (Gl(b, M), Bl(c, E, d)), (D || F || W) && p.restore();
  }
  function Bl(c, d, m) {
    m > 0 && (d instanceof Map ? d.forEach((w, b) => {
      p.strokeStyle = ql = b, p.stroke(w);
    }) : d != null && c && p.stroke(d));
  }
  function Gl(c, d) {
    d instanceof Map ? d.forEach((m, w) => {
      p.fillStyle = Rn = w, p.fill(m);
    }) : d != null && c && p.fill(d);
  }
  function uu(c, d, m, w) {
    let b = x[c], E;
    if (w <= 0)
      E = [0, 0];
    else {
      let M = b._space = b.space(l, c, d, m, w), $ = b._incrs = b.incrs(l, c, d, m, w, M);
      E = Ud(d, m, $, w, M);
    }
    return b._found = E;
  }
  function zr(c, d, m, w, b, E, M, $, D, F) {
    let z = M % 2 / 2;
    S == 1 && p.translate(z, z), pi($, M, D, F, $), p.beginPath();
    let W, Z, se, le, ee = b + (w == 0 || w == 3 ? -E : E);
    m == 0 ? (Z = b, le = ee) : (W = b, se = ee);
    for (let J = 0; J < c.length; J++)
      d[J] != null && (m == 0 ? W = se = c[J] : Z = le = c[J], p.moveTo(W, Z), p.lineTo(se, le));
    p.stroke(), S == 1 && p.translate(-z, -z);
  }
  function fu(c) {
    let d = !0;
    return x.forEach((m, w) => {
      if (!m.show)
        return;
      let b = y[m.scale];
      if (b.min == null) {
        m._show && (d = !1, m._show = !1, jn(!1));
        return;
      } else
        m._show || (d = !1, m._show = !0, jn(!1));
      let E = m.side, M = E % 2, { min: $, max: D } = b, [F, z] = uu(w, $, D, M == 0 ? Q : H);
      if (z == 0)
        return;
      let W = b.distr == 2, Z = m._splits = m.splits(l, w, $, D, F, z, W), se = b.distr == 2 ? Z.map((K) => kt[K]) : Z, le = b.distr == 2 ? kt[Z[1]] - kt[Z[0]] : F, ee = m._values = m.values(l, m.filter(l, se, w, z, le), w, z, le);
      m._rotate = E == 2 ? m.rotate(l, ee, w, z) : 0;
      let J = m._size;
      m._size = wt(m.size(l, ee, w, c)), J != null && m._size != J && (d = !1);
    }), d;
  }
  function du(c) {
    let d = !0;
    return di.forEach((m, w) => {
      let b = m(l, w, dn, c);
      b != Yt[w] && (d = !1), Yt[w] = b;
    }), d;
  }
  function hu() {
    for (let c = 0; c < x.length; c++) {
      let d = x[c];
      if (!d.show || !d._show)
        continue;
      let m = d.side, w = m % 2, b, E, M = d.stroke(l, c), $ = m == 0 || m == 3 ? -1 : 1, [D, F] = d._found;
      if (d.label != null) {
        let Ke = d.labelGap * $, it = Pe((d._lpos + Ke) * ie);
        gi(d.labelFont[0], M, "center", m == 2 ? bl : eo), p.save(), w == 1 ? (b = E = 0, p.translate(
          it,
          Pe(dt + bt / 2)
        ), p.rotate((m == 3 ? -nr : nr) / 2)) : (b = Pe(lt + et / 2), E = it);
        let gn = za(d.label) ? d.label(l, c, D, F) : d.label;
        p.fillText(gn, b, E), p.restore();
      }
      if (F == 0)
        continue;
      let z = y[d.scale], W = w == 0 ? et : bt, Z = w == 0 ? lt : dt, se = d._splits, le = z.distr == 2 ? se.map((Ke) => kt[Ke]) : se, ee = z.distr == 2 ? kt[se[1]] - kt[se[0]] : D, J = d.ticks, K = d.border, _e = J.show ? J.size : 0, xe = Pe(_e * ie), Ve = Pe((d.alignTo == 2 ? d._size - _e - d.gap : d.gap) * ie), ue = d._rotate * -nr / 180, Se = N(d._pos * ie), rt = (xe + Ve) * $, Ye = Se + rt;
      E = w == 0 ? Ye : 0, b = w == 1 ? Ye : 0;
      let gt = d.font[0], yt = d.align == 1 ? Un : d.align == 2 ? Qr : ue > 0 ? Un : ue < 0 ? Qr : w == 0 ? "center" : m == 3 ? Qr : Un, Pt = ue || w == 1 ? "middle" : m == 2 ? bl : eo;
      gi(gt, M, yt, Pt);
      let st = d.font[1] * d.lineGap, mt = se.map((Ke) => N(o(Ke, z, W, Z))), Et = d._values;
      for (let Ke = 0; Ke < Et.length; Ke++) {
        let it = Et[Ke];
        if (it != null) {
          w == 0 ? b = mt[Ke] : E = mt[Ke], it = "" + it;
          let gn = it.indexOf(`
`) == -1 ? [it] : it.split(/\n/gm);
          for (let Je = 0; Je < gn.length; Je++) {
            let ji = gn[Je];
            ue ? (p.save(), p.translate(b, E + Je * st), p.rotate(ue), p.fillText(ji, 0, 0), p.restore()) : p.fillText(ji, b, E + Je * st);
          }
        }
      }
      J.show && zr(
        mt,
        J.filter(l, le, c, F, ee),
        w,
        m,
        Se,
        xe,
        de(J.width * ie, 3),
        J.stroke(l, c),
        J.dash,
        J.cap
      );
      let At = d.grid;
      At.show && zr(
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
      ), K.show && zr(
        [Se],
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
  function jn(c) {
    v.forEach((d, m) => {
      m > 0 && (d._paths = null, c && (r == 1 ? (d.min = null, d.max = null) : d.facets.forEach((w) => {
        w.min = null, w.max = null;
      })));
    });
  }
  let Ul = !1, Vr = !1, pl = [];
  function pu() {
    Vr = !1;
    for (let c = 0; c < pl.length; c++)
      ze(...pl[c]);
    pl.length = 0;
  }
  function Fn() {
    Ul || (zf(bi), Ul = !0);
  }
  function gu(c, d = !1) {
    Ul = !0, Vr = d, c(l), bi(), d && pl.length > 0 && queueMicrotask(pu);
  }
  l.batch = gu;
  function bi() {
    if (Mr && (iu(), Mr = !1), Ln && (Xc(), Ln = !1), Vl) {
      if (we(g, Un, pe), we(g, bl, Le), we(g, El, Q), we(g, xl, H), we(k, Un, pe), we(k, bl, Le), we(k, El, Q), we(k, xl, H), we(_, El, Ht), we(_, xl, on), f.width = Pe(Ht * ie), f.height = Pe(on * ie), x.forEach(({ _el: c, _show: d, _size: m, _pos: w, side: b }) => {
        if (c != null)
          if (d) {
            let E = b === 3 || b === 0 ? m : 0, M = b % 2 == 1;
            we(c, M ? "left" : "top", w - E), we(c, M ? "width" : "height", m), we(c, M ? "top" : "left", M ? Le : pe), we(c, M ? "height" : "width", M ? H : Q), bs(c, wn);
          } else
            ot(c, wn);
      }), ql = Rn = Cr = Pr = Ar = Ir = Dr = Rr = Lr = null, tt = 1, _l(!0), pe != Cn || Le != an || Q != Ot || H != cn) {
        jn(!1);
        let c = Q / Ot, d = H / cn;
        if (Ge && !un && Y.left >= 0) {
          Y.left *= c, Y.top *= d, zn && It(zn, Pe(Y.left), 0, Q, H), Vn && It(Vn, 0, Pe(Y.top), Q, H);
          for (let m = 0; m < pt.length; m++) {
            let w = pt[m];
            w != null && (In[m] *= c, Dn[m] *= d, It(w, wt(In[m]), wt(Dn[m]), Q, H));
          }
        }
        if (me.show && !Hl && me.left >= 0 && me.width > 0) {
          me.left *= c, me.width *= c, me.top *= d, me.height *= d;
          for (let m in Ur)
            we(qn, m, me[m]);
        }
        Cn = pe, an = Le, Ot = Q, cn = H;
      }
      ze("setSize"), Vl = !1;
    }
    Ht > 0 && on > 0 && (p.clearRect(0, 0, f.width, f.height), ze("drawClear"), I.forEach((c) => c()), ze("draw")), me.show && Hl && (Yl(me), Hl = !1), Ge && un && (pn(null, !0, !1), un = !1), X.show && X.live && ht && (Br(), ht = !1), u || (u = !0, l.status = 1, ze("ready")), hl = !1, Ul = !1;
  }
  l.redraw = (c, d) => {
    Ln = d || !1, c !== !1 ? Jt(C, O.min, O.max) : Fn();
  };
  function Hr(c, d) {
    let m = y[c];
    if (m.from == null) {
      if (He == 0) {
        let w = m.range(l, d.min, d.max, c);
        d.min = w[0], d.max = w[1];
      }
      if (d.min > d.max) {
        let w = d.min;
        d.min = d.max, d.max = w;
      }
      if (He > 1 && d.min != null && d.max != null && d.max - d.min < 1e-16)
        return;
      c == C && m.distr == 2 && He > 0 && (d.min = St(d.min, t[0]), d.max = St(d.max, t[0]), d.min == d.max && d.max++), A[c] = d, Mr = !0, Fn();
    }
  }
  l.setScale = Hr;
  let Wr, qr, zn, Vn, ki, yi, Hn, Wn, Ei, xi, ge, ye, Kt = !1;
  const We = Y.drag;
  let je = We.x, Fe = We.y;
  Ge && (Y.x && (Wr = _t(uf, k)), Y.y && (qr = _t(ff, k)), O.ori == 0 ? (zn = Wr, Vn = qr) : (zn = qr, Vn = Wr), ge = Y.left, ye = Y.top);
  const me = l.select = $e({
    show: !0,
    over: !0,
    left: 0,
    width: 0,
    top: 0,
    height: 0
  }, e.select), qn = me.show ? _t(cf, me.over ? k : g) : null;
  function Yl(c, d) {
    if (me.show) {
      for (let m in c)
        me[m] = c[m], m in Ur && we(qn, m, c[m]);
      d !== !1 && ze("setSelect");
    }
  }
  l.setSelect = Yl;
  function mu(c) {
    if (v[c].show)
      Ce && bs(Ee[c], wn);
    else if (Ce && ot(Ee[c], wn), Ge) {
      let m = An ? pt[0] : pt[c];
      m != null && It(m, -10, -10, Q, H);
    }
  }
  function Jt(c, d, m) {
    Hr(c, { min: d, max: m });
  }
  function Ct(c, d, m, w) {
    d.focus != null && ku(c), d.show != null && v.forEach((b, E) => {
      E > 0 && (c == E || c == null) && (b.show = d.show, mu(E), r == 2 ? (Jt(b.facets[0].scale, null, null), Jt(b.facets[1].scale, null, null)) : Jt(b.scale, null, null), Fn());
    }), m !== !1 && ze("setSeries", c, d), w && wl("setSeries", l, c, d);
  }
  l.setSeries = Ct;
  function _u(c, d) {
    $e(P[c], d);
  }
  function wu(c, d) {
    c.fill = te(c.fill || null), c.dir = re(c.dir, -1), d = d ?? P.length, P.splice(d, 0, c);
  }
  function vu(c) {
    c == null ? P.length = 0 : P.splice(c, 1);
  }
  l.addBand = wu, l.setBand = _u, l.delBand = vu;
  function bu(c, d) {
    v[c].alpha = d, Ge && pt[c] != null && (pt[c].style.opacity = d), Ce && Ee[c] && (Ee[c].style.opacity = d);
  }
  let Wt, Zt, hn;
  const Bn = { focus: !0 };
  function ku(c) {
    if (c != hn) {
      let d = c == null, m = $t.alpha != 1;
      v.forEach((w, b) => {
        if (r == 1 || b > 0) {
          let E = d || b == 0 || b == c;
          w._focus = d ? null : E, m && bu(b, E ? 1 : $t.alpha);
        }
      }), hn = c, m && Fn();
    }
  }
  Ce && Pn && Ue(ro, oe, (c) => {
    Y._lock || (fn(c), hn != null && Ct(null, Bn, !0, Oe.setSeries));
  });
  function Lt(c, d, m) {
    let w = y[d];
    m && (c = c / ie - (w.ori == 1 ? Le : pe));
    let b = Q;
    w.ori == 1 && (b = H, c = b - c), w.dir == -1 && (c = b - c);
    let E = w._min, M = w._max, $ = c / b, D = E + (M - E) * $, F = w.distr;
    return F == 3 ? tl(10, D) : F == 4 ? Mf(D, w.asinh) : F == 100 ? w.bwd(D) : D;
  }
  function yu(c, d) {
    let m = Lt(c, C, d);
    return St(m, t[0], De, Re);
  }
  l.valToIdx = (c) => St(c, t[0]), l.posToIdx = yu, l.posToVal = Lt, l.valToPos = (c, d, m) => y[d].ori == 0 ? s(
    c,
    y[d],
    m ? et : Q,
    m ? lt : 0
  ) : i(
    c,
    y[d],
    m ? bt : H,
    m ? dt : 0
  ), l.setCursor = (c, d, m) => {
    ge = c.left, ye = c.top, pn(null, d, m);
  };
  function Si(c, d) {
    we(qn, Un, me.left = c), we(qn, El, me.width = d);
  }
  function Ni(c, d) {
    we(qn, bl, me.top = c), we(qn, xl, me.height = d);
  }
  let gl = O.ori == 0 ? Si : Ni, ml = O.ori == 1 ? Si : Ni;
  function Eu() {
    if (Ce && X.live)
      for (let c = r == 2 ? 1 : 0; c < v.length; c++) {
        if (c == 0 && ft)
          continue;
        let d = X.values[c], m = 0;
        for (let w in d)
          Mt[c][m++].firstChild.nodeValue = d[w];
      }
  }
  function Br(c, d) {
    if (c != null && (c.idxs ? c.idxs.forEach((m, w) => {
      ce[w] = m;
    }) : Lf(c.idx) || ce.fill(c.idx), X.idx = ce[0]), Ce && X.live) {
      for (let m = 0; m < v.length; m++)
        (m > 0 || r == 1 && !ft) && xu(m, ce[m]);
      Eu();
    }
    ht = !1, d !== !1 && ze("setLegend");
  }
  l.setLegend = Br;
  function xu(c, d) {
    let m = v[c], w = c == 0 && R == 2 ? kt : t[c], b;
    ft ? b = m.values(l, c, d) ?? Ut : (b = m.value(l, d == null ? null : w[d], c, d), b = b == null ? Ut : { _: b }), X.values[c] = b;
  }
  function pn(c, d, m) {
    Ei = ge, xi = ye, [ge, ye] = Y.move(l, ge, ye), Y.left = ge, Y.top = ye, Ge && (zn && It(zn, Pe(ge), 0, Q, H), Vn && It(Vn, 0, Pe(ye), Q, H));
    let w, b = De > Re;
    Wt = fe, Zt = null;
    let E = O.ori == 0 ? Q : H, M = O.ori == 1 ? Q : H;
    if (ge < 0 || He == 0 || b) {
      w = Y.idx = null;
      for (let $ = 0; $ < v.length; $++) {
        let D = pt[$];
        D != null && It(D, -10, -10, Q, H);
      }
      Pn && Ct(null, Bn, !0, c == null && Oe.setSeries), X.live && (ce.fill(w), ht = !0);
    } else {
      let $, D, F;
      r == 1 && ($ = O.ori == 0 ? ge : ye, D = Lt($, C), w = Y.idx = St(D, t[0], De, Re), F = L(t[0][w], O, E, 0));
      let z = -10, W = -10, Z = 0, se = 0, le = !0, ee = "", J = "";
      for (let K = r == 2 ? 1 : 0; K < v.length; K++) {
        let _e = v[K], xe = ce[K], Ve = xe == null ? null : r == 1 ? t[K][xe] : t[K][1][xe], ue = Y.dataIdx(l, K, w, D), Se = ue == null ? null : r == 1 ? t[K][ue] : t[K][1][ue];
        if (ht = ht || Se != Ve || ue != xe, ce[K] = ue, K > 0 && _e.show) {
          let rt = ue == null ? -10 : ue == w ? F : L(r == 1 ? t[0][ue] : t[K][0][ue], O, E, 0), Ye = Se == null ? -10 : j(Se, r == 1 ? y[_e.scale] : y[_e.facets[1].scale], M, 0);
          if (Pn && Se != null) {
            let gt = O.ori == 1 ? ge : ye, yt = Ae($t.dist(l, K, ue, Ye, gt));
            if (yt < Wt) {
              let Pt = $t.bias;
              if (Pt != 0) {
                let st = Lt(gt, _e.scale), mt = Se >= 0 ? 1 : -1, Et = st >= 0 ? 1 : -1;
                Et == mt && (Et == 1 ? Pt == 1 ? Se >= st : Se <= st : (
                  // >= 0
                  Pt == 1 ? Se <= st : Se >= st
                )) && (Wt = yt, Zt = K);
              } else
                Wt = yt, Zt = K;
            }
          }
          if (ht || An) {
            let gt, yt;
            O.ori == 0 ? (gt = rt, yt = Ye) : (gt = Ye, yt = rt);
            let Pt, st, mt, Et, At, Ke, it = !0, gn = Be.bbox;
            if (gn != null) {
              it = !1;
              let Je = gn(l, K);
              mt = Je.left, Et = Je.top, Pt = Je.width, st = Je.height;
            } else
              mt = gt, Et = yt, Pt = st = Be.size(l, K);
            if (Ke = Be.fill(l, K), At = Be.stroke(l, K), An)
              K == Zt && Wt <= $t.prox && (z = mt, W = Et, Z = Pt, se = st, le = it, ee = Ke, J = At);
            else {
              let Je = pt[K];
              Je != null && (In[K] = mt, Dn[K] = Et, fo(Je, Pt, st, it), co(Je, Ke, At), It(Je, wt(mt), wt(Et), Q, H));
            }
          }
        }
      }
      if (An) {
        let K = $t.prox, _e = hn == null ? Wt <= K : Wt > K || Zt != hn;
        if (ht || _e) {
          let xe = pt[0];
          xe != null && (In[0] = z, Dn[0] = W, fo(xe, Z, se, le), co(xe, ee, J), It(xe, wt(z), wt(W), Q, H));
        }
      }
    }
    if (me.show && Kt)
      if (c != null) {
        let [$, D] = Oe.scales, [F, z] = Oe.match, [W, Z] = c.cursor.sync.scales, se = c.cursor.drag;
        if (je = se._x, Fe = se._y, je || Fe) {
          let { left: le, top: ee, width: J, height: K } = c.select, _e = c.scales[W].ori, xe = c.posToVal, Ve, ue, Se, rt, Ye, gt = $ != null && F($, W), yt = D != null && z(D, Z);
          gt && je ? (_e == 0 ? (Ve = le, ue = J) : (Ve = ee, ue = K), Se = y[$], rt = L(xe(Ve, W), Se, E, 0), Ye = L(xe(Ve + ue, W), Se, E, 0), gl(Nt(rt, Ye), Ae(Ye - rt))) : gl(0, E), yt && Fe ? (_e == 1 ? (Ve = le, ue = J) : (Ve = ee, ue = K), Se = y[D], rt = j(xe(Ve, Z), Se, M, 0), Ye = j(xe(Ve + ue, Z), Se, M, 0), ml(Nt(rt, Ye), Ae(Ye - rt))) : ml(0, M);
        } else
          Yr();
      } else {
        let $ = Ae(Ei - ki), D = Ae(xi - yi);
        if (O.ori == 1) {
          let Z = $;
          $ = D, D = Z;
        }
        je = We.x && $ >= We.dist, Fe = We.y && D >= We.dist;
        let F = We.uni;
        F != null ? je && Fe && (je = $ >= F, Fe = D >= F, !je && !Fe && (D > $ ? Fe = !0 : je = !0)) : We.x && We.y && (je || Fe) && (je = Fe = !0);
        let z, W;
        je && (O.ori == 0 ? (z = Hn, W = ge) : (z = Wn, W = ye), gl(Nt(z, W), Ae(W - z)), Fe || ml(0, M)), Fe && (O.ori == 1 ? (z = Hn, W = ge) : (z = Wn, W = ye), ml(Nt(z, W), Ae(W - z)), je || gl(0, E)), !je && !Fe && (gl(0, 0), ml(0, 0));
      }
    if (We._x = je, We._y = Fe, c == null) {
      if (m) {
        if (Ri != null) {
          let [$, D] = Oe.scales;
          Oe.values[0] = $ != null ? Lt(O.ori == 0 ? ge : ye, $) : null, Oe.values[1] = D != null ? Lt(O.ori == 1 ? ge : ye, D) : null;
        }
        wl(Xr, l, ge, ye, Q, H, w);
      }
      if (Pn) {
        let $ = m && Oe.setSeries, D = $t.prox;
        hn == null ? Wt <= D && Ct(Zt, Bn, !0, $) : Wt > D ? Ct(null, Bn, !0, $) : Zt != hn && Ct(Zt, Bn, !0, $);
      }
    }
    ht && (X.idx = w, Br()), d !== !1 && ze("setCursor");
  }
  let Qt = null;
  Object.defineProperty(l, "rect", {
    get() {
      return Qt == null && _l(!1), Qt;
    }
  });
  function _l(c = !1) {
    c ? Qt = null : (Qt = k.getBoundingClientRect(), ze("syncRect", Qt));
  }
  function Ti(c, d, m, w, b, E, M) {
    Y._lock || Kt && c != null && c.movementX == 0 && c.movementY == 0 || (Gr(c, d, m, w, b, E, M, !1, c != null), c != null ? pn(null, !0, !0) : pn(d, !0, !1));
  }
  function Gr(c, d, m, w, b, E, M, $, D) {
    if (Qt == null && _l(!1), fn(c), c != null)
      m = c.clientX - Qt.left, w = c.clientY - Qt.top;
    else {
      if (m < 0 || w < 0) {
        ge = -10, ye = -10;
        return;
      }
      let [F, z] = Oe.scales, W = d.cursor.sync, [Z, se] = W.values, [le, ee] = W.scales, [J, K] = Oe.match, _e = d.axes[0].side % 2 == 1, xe = O.ori == 0 ? Q : H, Ve = O.ori == 1 ? Q : H, ue = _e ? E : b, Se = _e ? b : E, rt = _e ? w : m, Ye = _e ? m : w;
      if (le != null ? m = J(F, le) ? o(Z, y[F], xe, 0) : -10 : m = xe * (rt / ue), ee != null ? w = K(z, ee) ? o(se, y[z], Ve, 0) : -10 : w = Ve * (Ye / Se), O.ori == 1) {
        let gt = m;
        m = w, w = gt;
      }
    }
    D && (d == null || d.cursor.event.type == Xr) && ((m <= 1 || m >= Q - 1) && (m = mn(m, Q)), (w <= 1 || w >= H - 1) && (w = mn(w, H))), $ ? (ki = m, yi = w, [Hn, Wn] = Y.move(l, m, w)) : (ge = m, ye = w);
  }
  const Ur = {
    width: 0,
    height: 0,
    left: 0,
    top: 0
  };
  function Yr() {
    Yl(Ur, !1);
  }
  let Mi, Oi, $i, Ci;
  function Li(c, d, m, w, b, E, M) {
    Kt = !0, je = Fe = We._x = We._y = !1, Gr(c, d, m, w, b, E, M, !0, !1), c != null && (Ue(es, ws, Pi, !1), wl(no, l, Hn, Wn, Q, H, null));
    let { left: $, top: D, width: F, height: z } = me;
    Mi = $, Oi = D, $i = F, Ci = z;
  }
  function Pi(c, d, m, w, b, E, M) {
    Kt = We._x = We._y = !1, Gr(c, d, m, w, b, E, M, !1, !0);
    let { left: $, top: D, width: F, height: z } = me, W = F > 0 || z > 0, Z = Mi != $ || Oi != D || $i != F || Ci != z;
    if (W && Z && Yl(me), We.setScale && W && Z) {
      let se = $, le = F, ee = D, J = z;
      if (O.ori == 1 && (se = D, le = z, ee = $, J = F), je && Jt(
        C,
        Lt(se, C),
        Lt(se + le, C)
      ), Fe)
        for (let K in y) {
          let _e = y[K];
          K != C && _e.from == null && _e.min != fe && Jt(
            K,
            Lt(ee + J, K),
            Lt(ee, K)
          );
        }
      Yr();
    } else Y.lock && (Y._lock = !Y._lock, pn(d, !0, c != null));
    c != null && ($n(es, ws), wl(es, l, ge, ye, Q, H, null));
  }
  function Su(c, d, m, w, b, E, M) {
    if (Y._lock)
      return;
    fn(c);
    let $ = Kt;
    if (Kt) {
      let D = !0, F = !0, z = 10, W, Z;
      O.ori == 0 ? (W = je, Z = Fe) : (W = Fe, Z = je), W && Z && (D = ge <= z || ge >= Q - z, F = ye <= z || ye >= H - z), W && D && (ge = ge < Hn ? 0 : Q), Z && F && (ye = ye < Wn ? 0 : H), pn(null, !0, !0), Kt = !1;
    }
    ge = -10, ye = -10, ce.fill(null), pn(null, !0, !0), $ && (Kt = $);
  }
  function Ai(c, d, m, w, b, E, M) {
    Y._lock || (fn(c), $r(), Yr(), c != null && wl(so, l, ge, ye, Q, H, null));
  }
  function Ii() {
    x.forEach(Yd), Or(l.width, l.height, !0);
  }
  kn(ir, Zn, Ii);
  const Gn = {};
  Gn.mousedown = Li, Gn.mousemove = Ti, Gn.mouseup = Pi, Gn.dblclick = Ai, Gn.setSeries = (c, d, m, w) => {
    let b = Oe.match[2];
    m = b(l, d, m), m != -1 && Ct(m, w, !0, !1);
  }, Ge && (Ue(no, k, Li), Ue(Xr, k, Ti), Ue(lo, k, (c) => {
    fn(c), _l(!1);
  }), Ue(ro, k, Su), Ue(so, k, Ai), Ns.add(l), l.syncRect = _l);
  const Kl = l.hooks = e.hooks || {};
  function ze(c, d, m) {
    Vr ? pl.push([c, d, m]) : c in Kl && Kl[c].forEach((w) => {
      w.call(null, l, d, m);
    });
  }
  (e.plugins || []).forEach((c) => {
    for (let d in c.hooks)
      Kl[d] = (Kl[d] || []).concat(c.hooks[d]);
  });
  const Di = (c, d, m) => m, Oe = $e({
    key: null,
    setSeries: !1,
    filters: {
      pub: _o,
      sub: _o
    },
    scales: [C, v[1] ? v[1].scale : null],
    match: [wo, wo, Di],
    values: [null, null]
  }, Y.sync);
  Oe.match.length == 2 && Oe.match.push(Di), Y.sync = Oe;
  const Ri = Oe.key, Kr = uc(Ri);
  function wl(c, d, m, w, b, E, M) {
    Oe.filters.pub(c, d, m, w, b, E, M) && Kr.pub(c, d, m, w, b, E, M);
  }
  Kr.sub(l);
  function Nu(c, d, m, w, b, E, M) {
    Oe.filters.sub(c, d, m, w, b, E, M) && Gn[c](null, d, m, w, b, E, M);
  }
  l.pub = Nu;
  function Tu() {
    Kr.unsub(l), Ns.delete(l), sn.clear(), ks(ir, Zn, Ii), a.remove(), oe?.remove(), ze("destroy");
  }
  l.destroy = Tu;
  function Jr() {
    ze("init", e, t), hi(t || e.data, !1), A[C] ? Hr(C, A[C]) : $r(), Hl = me.show && (me.width > 0 || me.height > 0), un = ht = !0, Or(e.width, e.height);
  }
  return v.forEach(fi), x.forEach(su), n ? n instanceof HTMLElement ? (n.appendChild(a), Jr()) : n(l, Jr) : Jr(), l;
}
qe.assign = $e;
qe.fmtNum = Us;
qe.rangeNum = or;
qe.rangeLog = wr;
qe.rangeAsinh = Bs;
qe.orient = Nn;
qe.pxRatio = ie;
qe.join = Ff;
qe.fmtDate = Ks, qe.tzDate = Jf;
qe.sync = uc;
{
  qe.addGap = Ld, qe.clipGaps = kr;
  let e = qe.paths = {
    points: mc
  };
  e.linear = wc, e.stepped = Id, e.bars = Dd, e.spline = jd;
}
const rn = "–";
function Qn(e) {
  if (e == null || !Number.isFinite(e)) return rn;
  const t = Math.abs(e);
  if (t === 0) return "0";
  for (const [n, l] of [["G", 1e9], ["M", 1e6], ["k", 1e3]])
    if (t >= l * 0.9995) return sl(e / l) + n;
  return sl(e);
}
function sl(e) {
  const t = Math.abs(e);
  return t >= 9.95 ? e.toFixed(0) : t >= 0.095 ? zo(e.toFixed(1)) : zo(e.toPrecision(1));
}
function zo(e) {
  return e.replace(/\.0$/, "");
}
function xn(e) {
  return e == null ? rn : `${Qn(e)}/s`;
}
function Qe(e) {
  return e == null || !Number.isFinite(e) ? rn : e > 0 && e < 95e-4 ? `${sl(e * 1e3)} µs` : e < 999.5 ? `${e < 0.095 && e > 0 ? e.toFixed(2) : sl(e)} ms` : cr(e / 1e3);
}
function cr(e) {
  if (e == null || !Number.isFinite(e)) return rn;
  if (e < 0.9995) return e <= 0 ? "0 s" : Qe(e * 1e3);
  if (e < 59.5) return `${sl(e)} s`;
  const t = Math.round(e);
  return t < 3600 ? ss(Math.floor(t / 60), "min", t % 60, "s") : t < 86400 ? ss(Math.floor(t / 3600), "h", Math.floor(t % 3600 / 60), "min") : ss(Math.floor(t / 86400), "d", Math.floor(t % 86400 / 3600), "h");
}
function ss(e, t, n, l) {
  return n ? `${e} ${t} ${n} ${l}` : `${e} ${t}`;
}
function ur(e) {
  if (e == null || !Number.isFinite(e)) return rn;
  const t = ["B", "kB", "MB", "GB", "TB"];
  let n = e, l = 0;
  for (; n >= 999.5 && l < t.length - 1; )
    n /= 1e3, l += 1;
  return `${l === 0 ? n : sl(n)} ${t[l]}`;
}
function Gt(e, t = !1) {
  if (e == null || !Number.isFinite(e)) return rn;
  const n = new Date(e * 1e3);
  return [n.getHours(), n.getMinutes(), n.getSeconds()].map((r) => String(r).padStart(2, "0")).join(":") + (t ? `.${String(n.getMilliseconds()).padStart(3, "0")}` : "");
}
function Xn(e, t, n = `${t}s`) {
  return `${e} ${e === 1 ? t : n}`;
}
function Kd(e, t) {
  const { min: n, max: l } = e.scales.x ?? {}, r = n == null || l == null ? [] : t.filter((i) => i.time >= n && i.time <= l), s = [...e.over.querySelectorAll(".ks-mark")];
  r.forEach((i, o) => {
    const u = s[o] ?? e.over.appendChild(Jd(e.over.ownerDocument)), a = e.valToPos(i.time, "x");
    u.style.transform = `translateX(${a.toFixed(1)}px)`, u.classList.toggle("ks-left", a > e.over.clientWidth - 30);
    const f = u.firstElementChild;
    f.textContent = `r${i.revision}`, f.title = `revision ${i.revision} at ${Gt(i.time)}${i.title ? `: ${i.title}` : ""}`;
  });
  for (const i of s.slice(r.length)) i.remove();
}
function Jd(e) {
  const t = e.createElement("div");
  return t.className = "ks-mark", t.appendChild(e.createElement("span")), t;
}
const yc = [
  {
    name: "throughput",
    title: "Throughput",
    lines: [{ column: "requests", label: "requests", colour: "1" }],
    format: xn,
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
    format: xn,
    filled: !0
  },
  {
    name: "queue",
    title: "Queue and ongoing",
    lines: [
      { column: "queued", label: "queued", colour: "2", dash: [7, 3] },
      { column: "ongoing", label: "ongoing", colour: "1" }
    ],
    format: Qn
  },
  { name: "batch", title: "Batch size", lines: [{ column: "batch", label: "items", colour: "4" }], format: Qn },
  {
    name: "replicas",
    title: "Replicas",
    lines: [{ column: "replicas", label: "running", colour: "4" }],
    format: Qn,
    stepped: !0
  }
];
function Ec(e) {
  return e.findLast((t) => t !== null) ?? null;
}
const Zd = 150;
function Qd(e, t, n, l) {
  return {
    width: t,
    height: Zd,
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
      y: n ? { distr: 3, range: nh } : { range: (r, s, i) => [0, th(i)] }
    },
    axes: Xd(e, l),
    series: [{ label: "time", value: (r, s) => s == null ? "latest" : Gt(s) }, ...eh(e, n, l)],
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
function Xd(e, t) {
  const n = {
    stroke: () => t.colours().text,
    font: "11px system-ui, sans-serif",
    grid: { stroke: () => t.colours().grid, width: 1 },
    ticks: { show: !1 }
  };
  return [
    { ...n, size: 24, space: 74, values: (l, r) => r.map((s) => s % 60 === 0 ? Gt(s).slice(0, 5) : Gt(s)) },
    { ...n, size: 58, space: 28, values: (l, r) => r.map((s) => s === null ? "" : e.format(s)) }
  ];
}
function eh(e, t, n) {
  return e.lines.map((l) => ({
    label: l.label,
    stroke: () => n.colours().line(l.colour),
    fill: e.filled && !t ? () => `${n.colours().line(l.colour)}22` : void 0,
    width: 1.6,
    dash: l.dash,
    points: { show: !1 },
    paths: e.stepped ? qe.paths.stepped?.({ align: 1 }) : void 0,
    // Without a cursor the legend tells the latest value.
    value: (r, s, i, o) => e.format(o == null ? Ec(r.data[i] ?? []) : s)
  }));
}
function th(e) {
  return e === null || e <= 0 ? 1 : e * 1.12;
}
function nh(e, t, n) {
  if (t === null || n === null || n <= 0) return [0.1, 1e3];
  const l = 10 ** Math.floor(Math.log10(Math.max(t, 0.01)));
  return [l, Math.max(l * 10, 10 ** Math.ceil(Math.log10(n)))];
}
function Vo(e) {
  const t = getComputedStyle(e), n = (l, r) => t.getPropertyValue(l).trim() || r;
  return {
    line: (l) => n(`--ks-line-${l}`, "#0072b2"),
    text: t.color || "#333",
    grid: n("--ks-grid", "#8883")
  };
}
function lh(e) {
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
function rh(e) {
  const { kind: t, columns: n, marks: l, range: r, logarithmic: s } = e, [i, o] = Ia(), u = ve(null), a = ve(void 0), f = ve(e);
  return f.current = e, Pa(() => {
    const p = u.current;
    if (!p || o === null) return;
    let _ = Vo(p);
    const g = new qe(Qd(t, o, s && !!t.logarithmic, {
      syncKey: f.current.syncKey,
      colours: () => _,
      range: () => f.current.range,
      onZoom: (S) => f.current.onZoom(S),
      onDraw: (S) => Kd(S, f.current.marks)
    }), Ho(f.current.kind, f.current.columns, s), p);
    a.current = g;
    const k = lh(() => {
      _ = Vo(p), g.redraw(!1);
    });
    return () => {
      k(), g.destroy(), a.current = void 0;
    };
  }, [t, s, o === null]), jt(() => {
    o !== null && a.current?.setSize({ width: o, height: a.current.height });
  }, [o]), jt(() => {
    a.current?.setData(Ho(t, n, s));
  }, [t, n, l, r, s]), /* @__PURE__ */ h("figure", { class: "ks-chart", "aria-label": `${t.title} over time`, children: [
    /* @__PURE__ */ h("figcaption", { children: [
      t.title,
      t.lines.length > 1 && /* @__PURE__ */ h("span", { class: "ks-keys", children: t.lines.map((p) => /* @__PURE__ */ h(sh, { line: p }, p.column)) })
    ] }),
    /* @__PURE__ */ h("div", { ref: i, children: /* @__PURE__ */ h("div", { ref: u }) })
  ] });
}
function Ho(e, t, n) {
  const l = (r) => n && e.logarithmic ? r.map((s) => s !== null && s > 0 ? s : null) : r;
  return [t.time, ...e.lines.map((r) => l(t[r.column]))];
}
function sh({ line: e }) {
  return /* @__PURE__ */ h("span", { class: "ks-key", children: [
    /* @__PURE__ */ h("svg", { width: "22", height: "8", "aria-hidden": "true", children: /* @__PURE__ */ h("line", { x1: "1", y1: "4", x2: "21", y2: "4", style: { stroke: `var(--ks-line-${e.colour})` }, "stroke-width": "2", "stroke-dasharray": e.dash?.join(" ") }) }),
    e.label
  ] });
}
const Ms = 900;
function ih() {
  return { time: [], requests: [], errors: [], p50: [], p95: [], p99: [], queued: [], ongoing: [], batch: [], replicas: [] };
}
class oh {
  #e = /* @__PURE__ */ new Map();
  #t = /* @__PURE__ */ new Map();
  add(t, n) {
    for (const l of t) {
      const r = qo(this.#e, l.app, () => /* @__PURE__ */ new Map());
      qo(r, l.deployment, () => /* @__PURE__ */ new Map()).set(l.time, l);
    }
    for (const l of n) this.#t.set(JSON.stringify([l.app, l.revision, l.time]), l);
  }
  /** Lets what is older than the window go, and apps that are not there any more. */
  prune(t, n) {
    for (const [l, r] of this.#e) {
      n.includes(l) || this.#e.delete(l);
      for (const [s, i] of r) {
        for (const o of i.keys()) o < t - Ms && i.delete(o);
        i.size === 0 && r.delete(s);
      }
    }
    for (const [l, r] of this.#t) r.time < t - Ms && this.#t.delete(l);
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
    const r = [...this.#e.get(t)?.get(n)?.values() ?? []].sort((o, u) => o.time - u.time), s = ih();
    let i;
    for (const o of r)
      i && Wo(s, i, o.time - o.seconds), Os(s, o), i = o;
    return i && Wo(s, i, l, ch), s;
  }
}
const ah = 0.75, ch = 3;
function Wo(e, t, n, l = ah) {
  if (n - t.time <= l) return;
  const r = { requests: 0, errors: 0, p50: null, p95: null, p99: null, batch_size: null };
  Os(e, { ...t, ...r, time: t.time + 1e-3 }), Os(e, { ...t, ...r, time: n - 1e-3 });
}
function Os(e, t) {
  const n = (l) => t.seconds > 0 ? l / t.seconds : 0;
  e.time.push(t.time), e.requests.push(n(t.requests)), e.errors.push(n(t.errors)), e.p50.push(t.p50), e.p95.push(t.p95), e.p99.push(t.p99), e.queued.push(t.queued), e.ongoing.push(t.ongoing), e.batch.push(t.batch_size), e.replicas.push(t.replicas);
}
function qo(e, t, n) {
  let l = e.get(t);
  return l === void 0 && e.set(t, l = n()), l;
}
function uh({ app: e, deployment: t, columns: n, now: l }) {
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
      /* @__PURE__ */ h("tbody", { children: yc.flatMap((r) => r.lines.map((s) => {
        const i = n[s.column], o = r.lines.length > 1 ? `${r.title}: ${s.label}` : r.title;
        return /* @__PURE__ */ h("tr", { children: [
          /* @__PURE__ */ h("th", { scope: "row", children: o }),
          /* @__PURE__ */ h("td", { class: "ks-number", children: r.format(Ec(i)) }),
          /* @__PURE__ */ h("td", { class: "ks-number", children: r.format(fh(i)) })
        ] }, o);
      })) })
    ] })
  ] });
}
function fh(e) {
  return e.reduce((t, n) => n !== null && (t === null || n > t) ? n : t, null);
}
function dh({ frame: e, client: t, live: n }) {
  const l = ph(e, t, n), [r, s] = Ne(["", ""]), [i, o] = Ne(!1), [u, a] = Ne(!1), [f, p] = Ne(null), _ = mr(), g = ve({ now: e.time, version: l.version });
  i || (g.current = { now: e.time, version: l.version });
  const { now: k, version: S } = g.current, N = e.apps.includes(r[0]) ? r[0] : e.apps[0] ?? "", T = l.store.deployments(N).includes(r[1]) ? r[1] : "", v = Rt(() => l.store.columns(N, T, k), [l.store, N, T, k, S]), x = Rt(() => l.store.marks(N), [l.store, N, S]), y = Rt(() => f ?? hh(v.time[0], k), [f, v, k]);
  return N ? /* @__PURE__ */ h("section", { class: "ks-dashboard", "aria-label": `dashboard of ${N}`, children: [
    /* @__PURE__ */ h("div", { class: "ks-tools", children: [
      /* @__PURE__ */ h(gh, { apps: e.apps, store: l.store, chosen: [N, T], onChoose: s }),
      /* @__PURE__ */ h(Vs, { paused: i, onChange: o }),
      /* @__PURE__ */ h(Ju, { on: u, label: "Log latency", onChange: a }),
      f ? /* @__PURE__ */ h("button", { type: "button", class: "ks-button", onClick: () => p(null), children: "Show all" }) : /* @__PURE__ */ h("span", { class: "ks-muted ks-hint", children: "drag over a chart to zoom, double click to see all" })
    ] }),
    l.error && /* @__PURE__ */ h(zt, { children: l.error }),
    v.time.length === 0 && /* @__PURE__ */ h(ct, { children: "No calls in the last 15 minutes." }),
    /* @__PURE__ */ h("div", { class: "ks-charts", children: yc.map((P) => /* @__PURE__ */ h(rh, { kind: P, columns: v, marks: x, range: y, logarithmic: u, syncKey: _, onZoom: p }, P.name)) }),
    /* @__PURE__ */ h(uh, { app: N, deployment: T, columns: v, now: k })
  ] }) : /* @__PURE__ */ h(ct, { children: "No app is served. A cell that begins with %%serve serves one." });
}
function hh(e, t) {
  return { min: Math.max(t - Ms, Math.min(e ?? t, t - 120)), max: t };
}
function ph(e, t, n) {
  const l = ve(void 0);
  l.current ??= new oh();
  const r = ve(void 0), s = ve(0);
  r.current !== e && (r.current = e, s.current += 1, l.current.add(e.points, e.marks), l.current.prune(e.time, e.apps));
  const [i, o] = Sn(t), u = e.apps.join(`
`);
  jt(() => {
    n && o({ kind: "history" });
  }, [n, u, o]);
  const a = ve(null);
  return i.answer && a.current !== i.answer && (a.current = i.answer, s.current += 1, l.current.add(i.answer.points, i.answer.marks), l.current.prune(e.time, e.apps)), { store: l.current, version: s.current, error: i.error };
}
function gh({ apps: e, store: t, chosen: n, onChoose: l }) {
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
function mh({ tabs: e, chosen: t, onChoose: n, label: l, children: r }) {
  const s = mr(), i = ve(null), o = (a) => {
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
const _h = {
  keep: "kept",
  patch: "patched",
  replace: "replaced",
  update: "updated",
  add: "added",
  remove: "removed"
};
function xc(e) {
  return _h[e] ?? e;
}
function Il(e) {
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
function Dl(e) {
  return e === "HEALTHY" || e === "RUNNING" ? "good" : e === "UNHEALTHY" || e === "DEPLOY_FAILED" ? "bad" : "busy";
}
function Rl(e) {
  return e.toLowerCase().replaceAll("_", " ");
}
function wh(e) {
  const t = e.replicas.filter((n) => n.state === "RUNNING").length;
  return [
    `${e.name}, ${e.deployment_kind}, revision ${e.revision}`,
    Rl(e.status),
    e.stage || xc(e.action),
    `${t} of ${Xn(e.target, "replica")} running`,
    `${xn(e.qps)}, median ${Qe(e.p50)}, 95th percentile ${Qe(e.p95)}`,
    `${e.queued} queued, ${e.ongoing} ongoing, ${xn(e.errors)} errors`
  ].filter(Boolean).join("; ");
}
const vh = "and|as|assert|async|await|break|case|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|match|nonlocal|not|or|pass|raise|return|try|while|with|yield|None|True|False|self", bh = new RegExp(
  [
    "(?<comment>#[^\\n]*)",
    `(?<string>\\b[rbfuRBFU]{0,2}(?:"""[\\s\\S]*?(?:"""|$)|'''[\\s\\S]*?(?:'''|$))|[rbfuRBFU]{0,2}(?:"(?:\\\\.|[^"\\\\\\n])*"?|'(?:\\\\.|[^'\\\\\\n])*'?))`,
    "(?<decorator>^[ \\t]*@[\\w.]+)",
    "(?<defined>(?<=\\b(?:def|class)[ \\t]+)\\w+)",
    `(?<keyword>\\b(?:${vh})\\b)`,
    "(?<number>\\b\\d[\\w.]*)"
  ].join("|"),
  "gm"
);
function kh(e) {
  const t = [[]], n = (r, s) => {
    r.split(`
`).forEach((i, o) => {
      o > 0 && t.push([]), i && t.at(-1)?.push({ text: i, look: s });
    });
  };
  let l = 0;
  for (const r of e.matchAll(bh)) {
    n(e.slice(l, r.index), "");
    const [s] = Object.entries(r.groups ?? {}).find(([, i]) => i !== void 0) ?? [""];
    n(r[0], s), l = r.index + r[0].length;
  }
  return n(e.slice(l), ""), t;
}
function yh({ source: e, assumptions: t }) {
  const n = Rt(() => kh(e.replace(/\n+$/, "")), [e]);
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
function Bo(e) {
  return e.control === "json" ? e.value === null || e.value === void 0 ? "" : JSON.stringify(e.value, null, 2) : e.value === null || e.value === void 0 ? "" : String(e.value);
}
function Eh(e, t) {
  if (t.trim() === "") return { value: null, error: "" };
  if (e.control === "json") return xh(t);
  const n = Number(t);
  return Number.isFinite(n) ? { value: n, error: "" } : { value: void 0, error: `"${t}" is not a number.` };
}
function xh(e) {
  try {
    return { value: JSON.parse(e), error: "" };
  } catch (t) {
    return { value: void 0, error: `This is not JSON: ${t.message}` };
  }
}
function Sh({ knob: e, node: t, client: n, live: l, onApplied: r }) {
  const [s, i] = Ne(Bo(e)), [o, u] = Ne(""), [a, f, p] = Sn(n), _ = mr(), g = Bo(e), k = ve(g);
  jt(() => {
    i((y) => y === k.current ? g : y), k.current = g;
  }, [g]);
  const S = a.stage === "sent" || a.stage === "waiting", N = s !== g, T = (y) => {
    i(y), u(""), S || p();
  }, v = async () => {
    const { value: y, error: P } = Eh(e, s);
    u(P), !P && await f({ kind: "apply", node: t, options: { [e.option]: y } }) && r();
  }, x = o || a.error;
  return /* @__PURE__ */ h("form", { class: "ks-knob", onSubmit: (y) => {
    y.preventDefault(), N && !S && l && v();
  }, children: [
    /* @__PURE__ */ h("label", { for: _, title: e.option, children: e.label }),
    /* @__PURE__ */ h(Th, { id: _, knob: e, text: s, onEdit: T, describedBy: `${_}-said`, invalid: x !== "" }),
    /* @__PURE__ */ h("span", { class: "ks-knob-buttons", children: [
      /* @__PURE__ */ h("button", { type: "submit", class: "ks-button ks-primary", disabled: !N || S || !l, children: "Apply" }),
      N && !S && /* @__PURE__ */ h("button", { type: "button", class: "ks-button", onClick: () => T(g), children: "Reset" })
    ] }),
    /* @__PURE__ */ h("div", { class: "ks-knob-said", id: `${_}-said`, children: x ? /* @__PURE__ */ h(zt, { children: x }) : /* @__PURE__ */ h(Nh, { stage: a.stage, summary: a.answer?.summary, help: e.help }) })
  ] });
}
function Nh({ stage: e, summary: t, help: n }) {
  return e === "waiting" ? /* @__PURE__ */ h("span", { class: "ks-waiting", role: "status", children: "… applies when the cell ends" }) : e === "sent" ? /* @__PURE__ */ h("span", { role: "status", children: "applying …" }) : e === "done" && t ? /* @__PURE__ */ h("span", { role: "status", children: [
    "✓ ",
    t
  ] }) : /* @__PURE__ */ h("span", { class: "ks-muted", children: n });
}
function Th({ id: e, knob: t, text: n, onEdit: l, describedBy: r, invalid: s }) {
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
function Mh({ details: e, undo: t, client: n, live: l, onChanged: r }) {
  return /* @__PURE__ */ h("div", { class: "ks-knobs", children: [
    e.knobs.length === 0 && /* @__PURE__ */ h(ct, { children: "This deployment has nothing that can be changed while it runs." }),
    e.knobs.map((s) => /* @__PURE__ */ h(Sh, { knob: s, node: e.node, client: n, live: l, onApplied: r }, s.option)),
    t && /* @__PURE__ */ h(Oh, { words: t, client: n, live: l, onUndone: r })
  ] });
}
function Oh({ words: e, client: t, live: n, onUndone: l }) {
  const [r, s] = Sn(t), i = r.stage === "sent" || r.stage === "waiting", o = async () => {
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
const $h = { lines: [], cursor: "", skipped: 0 };
let Ch = 0;
function Lh(e, t) {
  return t.lines.length === 0 && t.skipped === 0 ? { ...e, cursor: t.cursor } : { lines: [...e.lines, ...t.lines.map((l) => ({ ...l, key: ++Ch }))].slice(-500), cursor: t.cursor, skipped: e.skipped + t.skipped };
}
function Ph(e) {
  return e === "ERROR" || e === "CRITICAL" || e === "STDERR" ? "bad" : e === "WARNING" ? "busy" : e === "DEBUG" || e === "STDOUT" ? "muted" : "plain";
}
const Ah = 1e3;
function Ih({ client: e, node: t, active: n }) {
  const [l, r] = Ne(!1), { tail: s, waiting: i, error: o } = Rh(e, t, n && !l), u = ve(null), a = ve(!0);
  Pa(() => {
    a.current && u.current && (u.current.scrollTop = u.current.scrollHeight);
  }, [s]);
  const f = () => {
    const p = u.current;
    p && (a.current = p.scrollHeight - p.scrollTop - p.clientHeight < 8);
  };
  return /* @__PURE__ */ h("div", { class: "ks-logs", children: [
    /* @__PURE__ */ h("div", { class: "ks-tools", children: [
      /* @__PURE__ */ h(Vs, { paused: l, onChange: r }),
      i && /* @__PURE__ */ h("span", { class: "ks-waiting", role: "status", children: "the kernel is busy; lines come when the cell ends" }),
      s.skipped > 0 && /* @__PURE__ */ h("span", { class: "ks-muted", children: [
        Xn(s.skipped, "line"),
        " left out"
      ] })
    ] }),
    o && /* @__PURE__ */ h(zt, { children: o }),
    /* @__PURE__ */ h("div", { class: "ks-log-list", ref: u, onScroll: f, tabIndex: 0, role: "log", "aria-live": "off", "aria-label": `logs of ${t}`, children: [
      s.lines.length === 0 && !o && /* @__PURE__ */ h(ct, { children: "No lines so far." }),
      s.lines.map((p) => /* @__PURE__ */ h(Dh, { line: p }, p.key))
    ] })
  ] });
}
function Dh({ line: e }) {
  const t = [e.replica && `replica ${e.replica}`, e.request_id && `request ${e.request_id}`].filter(Boolean);
  return /* @__PURE__ */ h("div", { class: `ks-log-line ks-tone-${Ph(e.level)}`, title: t.join(", "), children: [
    /* @__PURE__ */ h("span", { class: "ks-log-time", children: Gt(e.time) }),
    /* @__PURE__ */ h("span", { class: "ks-log-level", children: e.level.toLowerCase() }),
    /* @__PURE__ */ h("span", { class: "ks-log-text", children: e.text })
  ] });
}
function Rh(e, t, n) {
  const [l, r] = Ne($h), [s, i] = Ne(!1), [o, u] = Ne(""), a = ve("");
  return jt(() => {
    if (!n) return;
    let f = !1, p;
    const _ = async () => {
      try {
        const g = await e.ask({ kind: "logs", node: t, after: a.current }, () => !f && i(!0));
        if (f) return;
        a.current = g.cursor, r((k) => Lh(k, g)), u("");
      } catch (g) {
        if (!(g instanceof Jn)) throw g;
        if (f) return;
        u(g.message);
      }
      i(!1), p = setTimeout(() => void _(), Ah);
    };
    return _(), () => {
      f = !0, clearTimeout(p);
    };
  }, [e, t, n]), { tail: l, waiting: s, error: o };
}
function jh({ options: e }) {
  const t = Object.entries(e);
  return t.length === 0 ? /* @__PURE__ */ h(ct, { children: "All options have their defaults." }) : /* @__PURE__ */ h("dl", { class: "ks-options", children: t.map(([n, l]) => /* @__PURE__ */ h("div", { children: [
    /* @__PURE__ */ h("dt", { children: n }),
    /* @__PURE__ */ h("dd", { children: l })
  ] }, n)) });
}
const Go = 10;
function Sc({ look: e }) {
  return /* @__PURE__ */ h("svg", { class: `ks-shape ks-is-${e}`, viewBox: "0 0 12 12", width: "11", height: "11", "aria-hidden": "true", children: [
    e === "running" && /* @__PURE__ */ h("circle", { cx: "6", cy: "6", r: "5" }),
    e === "starting" && /* @__PURE__ */ h("path", { d: "M6,1.5a4.5,4.5 0 1,1 -4.5,4.5", fill: "none", "stroke-width": "2" }),
    e === "draining" && /* @__PURE__ */ h("path", { d: "M6,0.8L11.2,6L6,11.2L0.8,6Z", fill: "none", "stroke-width": "1.6" }),
    e === "failed" && /* @__PURE__ */ h("path", { d: "M2,2L10,10M10,2L2,10", fill: "none", "stroke-width": "2.6" }),
    e === "stopped" && /* @__PURE__ */ h("path", { d: "M1.5,6H10.5", fill: "none", "stroke-width": "2" })
  ] });
}
function Fh(e) {
  const t = e.message ? `: ${e.message}` : "";
  return `${e.id}, ${Il(e)}${e.node ? ` on ${e.node}` : ""}${t}`;
}
class zh extends tn {
  render({ replicas: t, target: n }) {
    const l = t.filter((i) => i.state === "RUNNING").length, r = t.length > Go ? t.toSorted(Vh).slice(0, Go) : t, s = t.length - r.length;
    return /* @__PURE__ */ h("span", { class: "ks-dots", children: [
      r.map((i) => /* @__PURE__ */ h("span", { class: "ks-dot", title: Fh(i), children: /* @__PURE__ */ h(Sc, { look: Il(i) }) }, i.id)),
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
const Uo = ["failed", "draining", "starting", "stopped", "running"];
function Vh(e, t) {
  return Uo.indexOf(Il(e)) - Uo.indexOf(Il(t));
}
function Hh(e, t) {
  return cr(e.since === null ? null : Math.max(0, t - e.since));
}
function Wh({ replicas: e, now: t }) {
  return e.length === 0 ? /* @__PURE__ */ h(ct, { children: "No replica is running or starting." }) : /* @__PURE__ */ h("div", { class: "ks-scroll", tabIndex: 0, role: "region", "aria-label": "replicas", children: /* @__PURE__ */ h("table", { class: "ks-table", children: [
    /* @__PURE__ */ h("thead", { children: /* @__PURE__ */ h("tr", { children: ["state", "id", "pid", "node", "memory", "GPUs", "age"].map((n) => /* @__PURE__ */ h("th", { scope: "col", children: n }, n)) }) }),
    /* @__PURE__ */ h("tbody", { children: e.map((n) => /* @__PURE__ */ h(qh, { replica: n, now: t }, n.id)) })
  ] }) });
}
function qh({ replica: e, now: t }) {
  const n = Il(e);
  return /* @__PURE__ */ h("tr", { children: [
    /* @__PURE__ */ h("td", { title: e.message || e.state, children: [
      /* @__PURE__ */ h(Sc, { look: n }),
      " ",
      n,
      e.message && /* @__PURE__ */ h("div", { class: "ks-muted", children: e.message })
    ] }),
    /* @__PURE__ */ h("td", { class: "ks-mono", children: e.id }),
    /* @__PURE__ */ h("td", { class: "ks-number", children: e.pid ?? rn }),
    /* @__PURE__ */ h("td", { children: e.node || rn }),
    /* @__PURE__ */ h("td", { class: "ks-number", children: ur(e.memory) }),
    /* @__PURE__ */ h("td", { children: e.gpus.length ? e.gpus.join(", ") : "none" }),
    /* @__PURE__ */ h("td", { class: "ks-number", children: Hh(e, t) })
  ] });
}
const Bh = [
  { name: "knobs", label: "Knobs" },
  { name: "code", label: "Code" },
  { name: "options", label: "Options" },
  { name: "logs", label: "Logs" },
  { name: "replicas", label: "Replicas" }
];
function Gh(e) {
  const { id: t, node: n, client: l, live: r, frame: s, onClose: i } = e, [o, u] = Ne("knobs"), [a, f] = Sn(l), p = `${s.revision} ${n.revision} ${n.action} ${n.target} ${n.stage}`;
  jt(() => {
    r && f({ kind: "node", node: n.name });
  }, [n.name, p, r, f]);
  const _ = (g) => {
    g.key === "Escape" && (g.stopPropagation(), i());
  };
  return /* @__PURE__ */ h("section", { class: "ks-panel", id: t, "aria-label": `deployment ${n.name}`, onKeyDown: _, children: [
    /* @__PURE__ */ h("header", { class: "ks-panel-head", children: [
      /* @__PURE__ */ h("b", { class: "ks-cut", title: n.name, children: n.name }),
      /* @__PURE__ */ h($l, { tone: Dl(n.status), title: n.message, children: Rl(n.status) }),
      /* @__PURE__ */ h("span", { class: "ks-muted", children: [
        "revision ",
        n.revision
      ] }),
      /* @__PURE__ */ h("button", { type: "button", class: "ks-button ks-close", "aria-label": `close ${n.name}`, onClick: i, children: "×" })
    ] }),
    n.message && /* @__PURE__ */ h(zt, { children: n.message }),
    /* @__PURE__ */ h(mh, { tabs: Bh, chosen: o, onChoose: u, label: `about ${n.name}`, children: /* @__PURE__ */ h(
      Uh,
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
function Uh({ tab: e, details: t, stage: n, error: l, node: r, frame: s, client: i, live: o, visible: u, onChanged: a }) {
  return e === "logs" ? /* @__PURE__ */ h(Ih, { client: i, node: r.name, active: o && u }) : e === "replicas" ? /* @__PURE__ */ h(Wh, { replicas: r.replicas, now: s.time }) : t ? e === "code" ? /* @__PURE__ */ h(yh, { source: t.source, assumptions: t.assumptions }) : e === "options" ? /* @__PURE__ */ h(jh, { options: t.options }) : /* @__PURE__ */ h(Mh, { details: t, undo: s.undo, client: i, live: o, onChanged: a }) : l ? /* @__PURE__ */ h(zt, { children: l }) : /* @__PURE__ */ h(ct, { children: n === "waiting" ? "Comes when the cell ends." : "Loading." });
}
function Yh({ stage: e, since: t, now: n }) {
  const l = Qu(n, !0), r = t === null ? null : Math.max(0, n - t) + l, s = r === null ? e : `${e}, ${cr(Math.floor(r))}`;
  return /* @__PURE__ */ h("span", { class: "ks-stage", title: s, children: [
    /* @__PURE__ */ h("span", { class: "ks-stage-words", children: [
      /* @__PURE__ */ h("span", { class: "ks-cut", children: e }),
      r !== null && /* @__PURE__ */ h("span", { class: "ks-number", children: cr(Math.floor(r)) })
    ] }),
    /* @__PURE__ */ h("span", { class: "ks-bar", role: "progressbar", "aria-label": e, "aria-valuetext": s, children: /* @__PURE__ */ h("span", { class: "ks-bar-fill" }) })
  ] });
}
class Kh extends tn {
  shouldComponentUpdate(t) {
    const { node: n, box: l, fresh: r, chosen: s, onChoose: i } = this.props;
    return !(l === t.box && r === t.fresh && s === t.chosen && i === t.onChoose && !t.node.stage && Xh(n, t.node));
  }
  render({ node: t, box: n, now: l, fresh: r, chosen: s, panelId: i, onChoose: o }) {
    return /* @__PURE__ */ h(
      "button",
      {
        type: "button",
        class: `ks-card ks-tone-${Dl(t.status)}${s ? " ks-chosen" : ""}`,
        style: { left: `${n.x}px`, top: `${n.y}px` },
        "data-node": t.name,
        "aria-label": wh(t),
        "aria-expanded": s,
        "aria-controls": s ? i : void 0,
        onClick: () => o(t.name),
        children: [
          /* @__PURE__ */ h(Jh, { node: t }),
          /* @__PURE__ */ h(zh, { replicas: t.replicas, target: t.target }),
          /* @__PURE__ */ h(Zh, { node: t }),
          /* @__PURE__ */ h("span", { class: "ks-card-foot", children: t.stage ? /* @__PURE__ */ h(Yh, { stage: t.stage, since: t.stage_since, now: l }) : /* @__PURE__ */ h(Qh, { node: t, fresh: r }) })
        ]
      }
    );
  }
}
function Jh({ node: e }) {
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
function Zh({ node: e }) {
  return /* @__PURE__ */ h("span", { class: "ks-numbers", children: [
    /* @__PURE__ */ h(Yn, { label: "calls", value: xn(e.qps), title: "calls per second" }),
    /* @__PURE__ */ h(Yn, { label: "p50", value: Qe(e.p50), title: "median latency" }),
    /* @__PURE__ */ h(Yn, { label: "p95", value: Qe(e.p95), title: "95th percentile of the latency" }),
    /* @__PURE__ */ h(Yn, { label: "queue", value: Qn(e.queued), title: "calls that wait for a replica" }),
    /* @__PURE__ */ h(Yn, { label: "ongoing", value: Qn(e.ongoing), title: "calls that replicas work on" }),
    /* @__PURE__ */ h(Yn, { label: "errors", value: xn(e.errors), title: "failed calls per second", bad: (e.errors ?? 0) > 0 })
  ] });
}
function Yn({ label: e, value: t, title: n, bad: l = !1 }) {
  return /* @__PURE__ */ h("span", { class: l ? "ks-cell ks-bad" : "ks-cell", title: n, children: [
    /* @__PURE__ */ h("span", { class: "ks-cell-label", children: e }),
    /* @__PURE__ */ h("span", { class: "ks-number", children: l ? `▲ ${t}` : t })
  ] });
}
function Qh({ node: e, fresh: t }) {
  const n = xc(e.action), l = Dl(e.status) === "good";
  return /* @__PURE__ */ h(Ft, { children: [
    n && /* @__PURE__ */ h("span", { class: `ks-action ks-did-${n}${t ? " ks-fresh" : ""}`, title: e.reason || n, children: n }),
    l ? /* @__PURE__ */ h("span", { class: "ks-cut ks-muted", title: e.reason, children: e.reason }) : /* @__PURE__ */ h("span", { class: "ks-cut ks-status", title: e.message || Rl(e.status), children: [
      Dl(e.status) === "bad" ? "▲ " : "… ",
      Rl(e.status),
      e.message && `: ${e.message}`
    ] })
  ] });
}
function Xh(e, t) {
  for (const n of Object.keys(t))
    if (n !== "replicas" && e[n] !== t[n]) return !1;
  return e.replicas.length === t.replicas.length && e.replicas.every((n, l) => {
    const r = t.replicas[l];
    return n.id === r?.id && n.state === r.state && n.message === r.message;
  });
}
const ep = 24;
class tp extends tn {
  shouldComponentUpdate(t) {
    const { layout: n, edges: l, live: r } = this.props;
    return n !== t.layout || r !== t.live || l.some((s, i) => s.qps !== t.edges[i]?.qps);
  }
  render({ layout: t, edges: n, live: l }) {
    const r = new Map(n.map((i) => [is(i), i.qps])), s = l && t.edges.length <= ep;
    return /* @__PURE__ */ h("svg", { class: "ks-edges", width: t.width, height: t.height, "aria-hidden": "true", children: t.edges.map((i) => /* @__PURE__ */ h(np, { edge: i, qps: r.get(is(i)) ?? null, moves: s }, is(i))) });
  }
}
function is({ caller: e, callee: t }) {
  return JSON.stringify([e, t]);
}
function np({ edge: e, qps: t, moves: n }) {
  const l = (t ?? 0) > 0, r = l ? Math.min(5, 1.4 + Math.log10(1 + (t ?? 0))) : 1.2;
  return /* @__PURE__ */ h("g", { class: `ks-edge${l ? " ks-flows" : ""}${l && n ? " ks-moves" : ""}`, children: [
    /* @__PURE__ */ h("path", { class: "ks-edge-line", d: e.path, style: { strokeWidth: r.toFixed(1) } }),
    l && n && /* @__PURE__ */ h("path", { class: "ks-edge-flow", d: e.path, style: { strokeWidth: r.toFixed(1) } }),
    l && /* @__PURE__ */ h("text", { x: e.label.x, y: e.label.y, class: "ks-edge-label", children: xn(t) })
  ] });
}
var Nc = Object.defineProperty, lp = (e, t, n) => t in e ? Nc(e, t, { enumerable: !0, configurable: !0, writable: !0, value: n }) : e[t] = n, rp = (e, t) => {
  for (var n in t) Nc(e, n, { get: t[n], enumerable: !0 });
}, sp = (e, t, n) => lp(e, t + "", n), ip = {};
rp(ip, { Graph: () => Tt, alg: () => li });
var op = Object.defineProperty, Tc = (e, t) => {
  for (var n in t) op(e, n, { get: t[n], enumerable: !0 });
}, ni = class {
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
    let a = Nl(this._isDirected, r, s, i);
    if (a in this._edgeLabels) return u && (this._edgeLabels[a] = o), this;
    if (i !== void 0 && !this._isMultigraph) throw new Error("Cannot set a named edge when isMultigraph = false");
    this.setNode(r), this.setNode(s), this._edgeLabels[a] = u ? o : this._defaultEdgeLabelFn(r, s, i);
    let f = ap(this._isDirected, r, s, i);
    return r = f.v, s = f.w, Object.freeze(f), this._edgeObjs[a] = f, Yo(this._preds[s], r), Yo(this._sucs[r], s), this._in[s][a] = f, this._out[r][a] = f, this._edgeCount++, this;
  }
  edge(e, t, n) {
    let l = arguments.length === 1 ? os(this._isDirected, e) : Nl(this._isDirected, e, t, n);
    return this._edgeLabels[l];
  }
  edgeAsObj(e, t, n) {
    let l = arguments.length === 1 ? this.edge(e) : this.edge(e, t, n);
    return typeof l != "object" || l === null ? { label: l } : l;
  }
  hasEdge(e, t, n) {
    return (arguments.length === 1 ? os(this._isDirected, e) : Nl(this._isDirected, e, t, n)) in this._edgeLabels;
  }
  removeEdge(e, t, n) {
    let l = arguments.length === 1 ? os(this._isDirected, e) : Nl(this._isDirected, e, t, n), r = this._edgeObjs[l];
    if (r) {
      let s = r.v, i = r.w;
      delete this._edgeLabels[l], delete this._edgeObjs[l], Ko(this._preds[i], s), Ko(this._sucs[s], i), delete this._in[i][l], delete this._out[s][l], this._edgeCount--;
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
function Yo(e, t) {
  e[t] ? e[t]++ : e[t] = 1;
}
function Ko(e, t) {
  e[t] !== void 0 && !--e[t] && delete e[t];
}
function Nl(e, t, n, l) {
  let r = "" + t, s = "" + n;
  if (!e && r > s) {
    let i = r;
    r = s, s = i;
  }
  return r + "" + s + "" + (l === void 0 ? "\0" : l);
}
function ap(e, t, n, l) {
  let r = "" + t, s = "" + n;
  if (!e && r > s) {
    let o = r;
    r = s, s = o;
  }
  let i = { v: r, w: s };
  return l && (i.name = l), i;
}
function os(e, t) {
  return Nl(e, t.v, t.w, t.name);
}
var cp = {};
Tc(cp, { read: () => hp, write: () => up });
function up(e) {
  let t = { options: { directed: e.isDirected(), multigraph: e.isMultigraph(), compound: e.isCompound() }, nodes: fp(e), edges: dp(e) }, n = e.graph();
  return n !== void 0 && (t.value = structuredClone(n)), t;
}
function fp(e) {
  return e.nodes().map((t) => {
    let n = e.node(t), l = e.parent(t), r = { v: t };
    return n !== void 0 && (r.value = n), l !== void 0 && (r.parent = l), r;
  });
}
function dp(e) {
  return e.edges().map((t) => {
    let n = e.edge(t), l = { v: t.v, w: t.w };
    return t.name !== void 0 && (l.name = t.name), n !== void 0 && (l.value = n), l;
  });
}
function hp(e) {
  let t = new ni(e.options);
  return e.value !== void 0 && t.setGraph(e.value), e.nodes.forEach((n) => {
    t.setNode(n.v, n.value), n.parent && t.setParent(n.v, n.parent);
  }), e.edges.forEach((n) => {
    t.setEdge({ v: n.v, w: n.w, name: n.name }, n.value);
  }), t;
}
var li = {};
Tc(li, { CycleException: () => dr, bellmanFord: () => Mc, components: () => mp, dijkstra: () => fr, dijkstraAll: () => vp, findCycles: () => bp, floydWarshall: () => yp, isAcyclic: () => xp, postorder: () => Np, preorder: () => Tp, prim: () => Mp, shortestPaths: () => Op, tarjan: () => $c, topsort: () => Cc });
var pp = () => 1;
function Mc(e, t, n, l) {
  return gp(e, String(t), n || pp, l || function(r) {
    var s;
    return (s = e.outEdges(r)) != null ? s : [];
  });
}
function gp(e, t, n, l) {
  let r = {}, s, i = 0, o = e.nodes(), u = function(p) {
    let _ = r[p.v], g = r[p.w];
    if (!_ || !g) return;
    let k = n(p);
    _.distance + k < g.distance && (r[p.w] = { distance: _.distance + k, predecessor: p.v }, s = !0);
  }, a = function() {
    o.forEach(function(p) {
      l(p).forEach(function(_) {
        let g = _.v === p ? _.v : _.w, k = g === _.v ? _.w : _.v;
        u({ v: g, w: k });
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
function mp(e) {
  let t = {}, n = [], l;
  function r(s) {
    var i, o;
    s in t || (t[s] = !0, l.push(s), (i = e.successors(s)) == null || i.forEach(r), (o = e.predecessors(s)) == null || o.forEach(r));
  }
  return e.nodes().forEach(function(s) {
    l = [], r(s), l.length && n.push(l);
  }), n;
}
var Oc = class {
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
}, _p = () => 1;
function fr(e, t, n, l) {
  let r = function(s) {
    var i;
    return (i = e.outEdges(s)) != null ? i : [];
  };
  return wp(e, String(t), n || _p, l || r);
}
function wp(e, t, n, l) {
  let r = {}, s = new Oc(), i, o, u = function(a) {
    let f = a.v !== i ? a.v : a.w, p = r[f];
    if (!p) return;
    let _ = n(a), g = o.distance + _;
    if (_ < 0) throw new Error("dijkstra does not allow negative edge weights. Bad edge: " + a + " Weight: " + _);
    g < p.distance && (p.distance = g, p.predecessor = i, s.decrease(f, g));
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
function vp(e, t, n) {
  return e.nodes().reduce(function(l, r) {
    return l[r] = fr(e, r, t, n), l;
  }, {});
}
function $c(e) {
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
function bp(e) {
  return $c(e).filter(function(t) {
    var n;
    let l = t[0];
    return l ? t.length > 1 || t.length === 1 && ((n = e.outEdges(l, l)) != null ? n : []).length > 0 : !1;
  });
}
var kp = () => 1;
function yp(e, t, n) {
  return Ep(e, t || kp, n || function(l) {
    var r;
    return (r = e.outEdges(l)) != null ? r : [];
  });
}
function Ep(e, t, n) {
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
          let g = f.distance + p.distance;
          g < _.distance && (_.distance = g, _.predecessor = p.predecessor);
        }
      });
    });
  }), l;
}
var dr = class extends Error {
  constructor(e) {
    super(e), this.name = "CycleException";
  }
};
function Cc(e) {
  let t = {}, n = {}, l = [];
  function r(s) {
    var i;
    if (s in n) throw new dr();
    s in t || (n[s] = !0, t[s] = !0, (i = e.predecessors(s)) == null || i.forEach(r), delete n[s], l.push(s));
  }
  if (e.sinks().forEach(r), Object.keys(t).length !== e.nodeCount()) throw new dr();
  return l;
}
function xp(e) {
  try {
    Cc(e);
  } catch (t) {
    if (t instanceof dr) return !1;
    throw t;
  }
  return !0;
}
function Sp(e, t, n, l, r) {
  Array.isArray(t) || (t = [t]);
  let s = ((o) => {
    var u;
    return (u = e.isDirected() ? e.successors(o) : e.neighbors(o)) != null ? u : [];
  }), i = {};
  return t.forEach(function(o) {
    if (!e.hasNode(o)) throw new Error("Graph does not have node: " + o);
    r = Lc(e, o, n === "post", i, s, l, r);
  }), r;
}
function Lc(e, t, n, l, r, s, i) {
  return t in l || (l[t] = !0, n || (i = s(i, t)), r(t).forEach(function(o) {
    i = Lc(e, o, n, l, r, s, i);
  }), n && (i = s(i, t))), i;
}
function Pc(e, t, n) {
  return Sp(e, t, n, function(l, r) {
    return l.push(r), l;
  }, []);
}
function Np(e, t) {
  return Pc(e, t, "post");
}
function Tp(e, t) {
  return Pc(e, t, "pre");
}
function Mp(e, t) {
  var n;
  let l = new ni(), r = {}, s = new Oc(), i;
  function o(f) {
    let p = f.v === i ? f.w : f.v, _ = s.priority(p);
    if (_ !== void 0) {
      let g = t(f);
      g < _ && (r[p] = i, s.decrease(p, g));
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
function Op(e, t, n, l) {
  return $p(e, t, n, l ?? ((r) => {
    var s;
    return (s = e.outEdges(r)) != null ? s : [];
  }));
}
function $p(e, t, n, l) {
  if (n === void 0) return fr(e, t, n, l);
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
    if (r) return Mc(e, t, n, l);
  }
  return fr(e, t, n, l);
}
var Tt = ni;
function ul(e, t, n, l) {
  let r = l;
  for (; e.hasNode(r); ) r = ri(l);
  return n.dummy = t, e.setNode(r, n), r;
}
function Cp(e) {
  let t = new Tt().setGraph(e.graph());
  return e.nodes().forEach((n) => t.setNode(n, e.node(n))), e.edges().forEach((n) => {
    let l = t.edge(n.v, n.w) || { weight: 0, minlen: 1 }, r = e.edge(n);
    t.setEdge(n.v, n.w, { weight: l.weight + r.weight, minlen: Math.max(l.minlen, r.minlen) });
  }), t;
}
function Ac(e) {
  let t = new Tt({ multigraph: e.isMultigraph() }).setGraph(e.graph());
  return e.nodes().forEach((n) => {
    e.children(n).length || t.setNode(n, e.node(n));
  }), e.edges().forEach((n) => {
    t.setEdge(n, e.edge(n));
  }), t;
}
function Jo(e, t) {
  let n = e.x, l = e.y, r = t.x - n, s = t.y - l, i = e.width / 2, o = e.height / 2;
  if (!r && !s) throw new Error("Not possible to find intersection inside of the rectangle");
  let u, a;
  return r === 0 || Math.abs(s) * i > Math.abs(r) * o ? (s < 0 && (o = -o), u = o * r / s, a = o) : (r < 0 && (i = -i), u = i, a = i * s / r), { x: n + u, y: l + a };
}
function Sr(e) {
  let t = jl(Dc(e) + 1).map(() => []);
  return e.nodes().forEach((n) => {
    let l = e.node(n), r = l.rank;
    r !== void 0 && (t[r] || (t[r] = []), t[r][l.order] = n);
  }), t;
}
function Lp(e) {
  let t = e.nodes().map((l) => {
    let r = e.node(l).rank;
    return r === void 0 ? Number.MAX_VALUE : r;
  }), n = Dt(Math.min, t);
  e.nodes().forEach((l) => {
    let r = e.node(l);
    Object.hasOwn(r, "rank") && (r.rank -= n);
  });
}
function Pp(e) {
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
function Zo(e, t, n, l) {
  let r = { width: 0, height: 0 };
  return arguments.length >= 4 && (r.rank = n, r.order = l), ul(e, "border", r, t);
}
function Ap(e, t = Ic) {
  let n = [];
  for (let l = 0; l < e.length; l += t) {
    let r = e.slice(l, l + t);
    n.push(r);
  }
  return n;
}
var Ic = 65535;
function Dt(e, t) {
  if (t.length > Ic) {
    let n = Ap(t);
    return e(...n.map((l) => e(...l)));
  } else return e(...t);
}
function Dc(e) {
  let t = e.nodes().map((n) => {
    let l = e.node(n).rank;
    return l === void 0 ? Number.MIN_VALUE : l;
  });
  return Dt(Math.max, t);
}
function Ip(e, t) {
  let n = { lhs: [], rhs: [] };
  return e.forEach((l) => {
    t(l) ? n.lhs.push(l) : n.rhs.push(l);
  }), n;
}
function Dp(e, t) {
  return t();
}
var Rp = 0;
function ri(e) {
  let t = ++Rp;
  return e + ("" + t);
}
function jl(e, t, n = 1) {
  t == null && (t = e, e = 0);
  let l = (s) => s < t;
  n < 0 && (l = (s) => t < s);
  let r = [];
  for (let s = e; l(s); s += n) r.push(s);
  return r;
}
function hr(e, t) {
  let n = {};
  for (let l of t) e[l] !== void 0 && (n[l] = e[l]);
  return n;
}
function Nr(e, t) {
  let n;
  return typeof t == "string" ? n = (l) => l[t] : n = t, Object.entries(e).reduce((l, [r, s]) => (l[r] = n(s, r), l), {});
}
function jp(e, t) {
  return e.reduce((n, l, r) => (n[l] = t[r], n), {});
}
var Tr = "\0";
function Rc(e, t, n) {
  var l, r, s, i, o, u;
  if (!(e && t && n && t.dummy === "edge" && n.dummy === "edge" && t.edgeObj && n.edgeObj && e[t.edgeObj.v] && e[n.edgeObj.v] && e[t.edgeObj.w] && e[n.edgeObj.w])) return 0;
  let a = !0;
  t.edgeObj.w === n.edgeObj.w && (a = !1);
  let f = a ? (r = (l = e[t.edgeObj.v]) == null ? void 0 : l.rank) != null ? r : NaN + 1 : (i = (s = e[t.edgeObj.w]) == null ? void 0 : s.rank) != null ? i : NaN - 1, p = Object.entries(e).find((S) => {
    var N, T;
    return ((N = S[1].edgeObj) == null ? void 0 : N.v) === t.edgeObj.v && ((T = S[1].edgeObj) == null ? void 0 : T.w) === t.edgeObj.w && S[1].rank === f;
  }), _ = Object.entries(e).find((S) => {
    var N, T;
    return ((N = S[1].edgeObj) == null ? void 0 : N.v) === n.edgeObj.v && ((T = S[1].edgeObj) == null ? void 0 : T.w) === n.edgeObj.w && S[1].rank === f;
  });
  if (!p || !_) return 0;
  let g = (o = p[1].order) != null ? o : NaN, k = (u = _[1].order) != null ? u : NaN;
  return isNaN(g - k) ? 0 : g - k;
}
var Fp = class {
  constructor() {
    sp(this, "_sentinel");
    let e = {};
    e._next = e._prev = e, this._sentinel = e;
  }
  dequeue() {
    let e = this._sentinel, t = e._prev;
    if (t !== e) return Qo(t), t;
  }
  enqueue(e) {
    let t = this._sentinel;
    e._prev && e._next && Qo(e), e._next = t._next, t._next._prev = e, t._next = e, e._prev = t;
  }
  toString() {
    let e = [], t = this._sentinel, n = t._prev;
    for (; n !== t; ) e.push(JSON.stringify(n, zp)), n = n._prev;
    return "[" + e.join(", ") + "]";
  }
};
function Qo(e) {
  e._prev._next = e._next, e._next._prev = e._prev, delete e._next, delete e._prev;
}
function zp(e, t) {
  if (e !== "_next" && e !== "_prev") return t;
}
var Vp = Fp, Hp = () => 1;
function Wp(e, t) {
  if (e.nodeCount() <= 1) return [];
  let n = Bp(e, t || Hp);
  return qp(n.graph, n.buckets, n.zeroIdx).flatMap((l) => e.outEdges(l.v, l.w) || []);
}
function qp(e, t, n) {
  var l;
  let r = [], s = t[t.length - 1], i = t[0], o;
  for (; e.nodeCount(); ) {
    for (; o = i.dequeue(); ) as(e, t, n, o);
    for (; o = s.dequeue(); ) as(e, t, n, o);
    if (e.nodeCount()) {
      for (let u = t.length - 2; u > 0; --u) if (o = (l = t[u]) == null ? void 0 : l.dequeue(), o) {
        r = r.concat(as(e, t, n, o, !0) || []);
        break;
      }
    }
  }
  return r;
}
function as(e, t, n, l, r) {
  let s = [], i = r ? s : void 0;
  return (e.inEdges(l.v) || []).forEach((o) => {
    let u = e.edge(o), a = e.node(o.v);
    r && s.push({ v: o.v, w: o.w }), a.out -= u, $s(t, n, a);
  }), (e.outEdges(l.v) || []).forEach((o) => {
    let u = e.edge(o), a = o.w, f = e.node(a);
    f.in -= u, $s(t, n, f);
  }), e.removeNode(l.v), i;
}
function Bp(e, t) {
  let n = new Tt(), l = 0, r = 0;
  e.nodes().forEach((o) => {
    n.setNode(o, { v: o, in: 0, out: 0 });
  }), e.edges().forEach((o) => {
    let u = n.edge(o.v, o.w) || 0, a = t(o), f = u + a;
    n.setEdge(o.v, o.w, f);
    let p = n.node(o.v), _ = n.node(o.w);
    r = Math.max(r, p.out += a), l = Math.max(l, _.in += a);
  });
  let s = Gp(r + l + 3).map(() => new Vp()), i = l + 1;
  return n.nodes().forEach((o) => {
    $s(s, i, n.node(o));
  }), { graph: n, buckets: s, zeroIdx: i };
}
function $s(e, t, n) {
  var l, r, s;
  n.out ? n.in ? (s = e[n.out - n.in + t]) == null || s.enqueue(n) : (r = e[e.length - 1]) == null || r.enqueue(n) : (l = e[0]) == null || l.enqueue(n);
}
function Gp(e) {
  let t = [];
  for (let n = 0; n < e; n++) t.push(n);
  return t;
}
function Up(e, t) {
  (e.graph().acyclicer === "greedy" ? Wp(e, n(e)) : Yp(e, t ?? null)).forEach((l) => {
    let r = e.edge(l);
    e.removeEdge(l), r.forwardName = l.name, r.reversed = !0, e.setEdge(l.w, l.v, r, ri("rev"));
  });
  function n(l) {
    return (r) => l.edge(r).weight;
  }
}
function Yp(e, t) {
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
      Object.hasOwn(l, f.w) || ((p = t.node(u)) == null ? void 0 : p.rank) > ((_ = t.node(f.w)) == null ? void 0 : _.rank) && Jp(e, f.w, f) ? n.push(f) : i(f.w);
    }), delete l[u]);
  }
  let o = s;
  return t && typeof t.node == "function" && (o = i), e.sources().forEach(o), e.nodes().forEach(o), n;
}
function Kp(e) {
  e.edges().forEach((t) => {
    let n = e.edge(t);
    if (n.reversed) {
      e.removeEdge(t);
      let l = n.forwardName;
      delete n.reversed, delete n.forwardName, e.setEdge(t.w, t.v, n, l);
    }
  });
}
function Jp(e, t, n) {
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
function Zp(e) {
  e.graph().dummyChains = [], e.edges().forEach((t) => Qp(e, t));
}
function Qp(e, t) {
  let n = t.v, l = e.node(n).rank, r = t.w, s = e.node(r).rank, i = t.name, o = e.edge(t), u = o.labelRank;
  if (s === l + 1) return;
  e.removeEdge(t);
  let a, f, p;
  for (p = 0, ++l; l < s; ++p, ++l) o.points = [], f = { width: 0, height: 0, edgeLabel: o, edgeObj: t, rank: l }, a = ul(e, "edge", f, "_d"), l === u && (f.width = o.width, f.height = o.height, f.dummy = "edge-label", f.labelpos = o.labelpos), e.setEdge(n, a, { weight: o.weight }, i), p === 0 && e.graph().dummyChains.push(a), n = a;
  e.setEdge(n, r, { weight: o.weight }, i);
}
function Xp(e) {
  e.graph().dummyChains.forEach((t) => {
    let n = e.node(t), l = n.edgeLabel, r;
    for (e.setEdge(n.edgeObj, l); n.dummy; ) r = e.successors(t)[0], e.removeNode(t), l.points.push({ x: n.x, y: n.y }), n.dummy === "edge-label" && (l.x = n.x, l.y = n.y, l.width = n.width, l.height = n.height), t = r, n = e.node(t);
  });
}
function si(e) {
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
function il(e, t) {
  return e.node(t.w).rank - e.node(t.v).rank - e.edge(t).minlen;
}
var jc = eg;
function eg(e) {
  let t = new Tt({ directed: !1 }), n = e.nodes();
  if (n.length === 0) throw new Error("Graph must have at least one node");
  let l = n[0], r = e.nodeCount();
  t.setNode(l, {});
  let s, i;
  for (; tg(t, e) < r && (s = ng(t, e), !!s); ) i = t.hasNode(s.v) ? il(e, s) : -il(e, s), lg(t, e, i);
  return t;
}
function tg(e, t) {
  function n(l) {
    let r = t.nodeEdges(l);
    r && r.forEach((s) => {
      let i = s.v, o = l === i ? s.w : i;
      !e.hasNode(o) && !il(t, s) && (e.setNode(o, {}), e.setEdge(l, o, {}), n(o));
    });
  }
  return e.nodes().forEach(n), e.nodeCount();
}
function ng(e, t) {
  return t.edges().reduce((n, l) => {
    let r = Number.POSITIVE_INFINITY;
    return e.hasNode(l.v) !== e.hasNode(l.w) && (r = il(t, l)), r < n[0] ? [r, l] : n;
  }, [Number.POSITIVE_INFINITY, null])[1];
}
function lg(e, t, n) {
  e.nodes().forEach((l) => t.node(l).rank += n);
}
var { preorder: rg, postorder: sg } = li, ig = Tn;
Tn.initLowLimValues = oi;
Tn.initCutValues = ii;
Tn.calcCutValue = Fc;
Tn.leaveEdge = Vc;
Tn.enterEdge = Hc;
Tn.exchangeEdges = Wc;
function Tn(e) {
  e = Cp(e), si(e);
  let t = jc(e);
  oi(t), ii(t, e);
  let n, l;
  for (; n = Vc(t); ) l = Hc(t, e, n), Wc(t, e, n, l);
}
function ii(e, t) {
  let n = sg(e, e.nodes());
  n = n.slice(0, n.length - 1), n.forEach((l) => og(e, t, l));
}
function og(e, t, n) {
  let l = e.node(n).parent, r = e.edge(n, l);
  r.cutvalue = Fc(e, t, n);
}
function Fc(e, t, n) {
  let l = e.node(n).parent, r = !0, s = t.edge(n, l), i = 0;
  s || (r = !1, s = t.edge(l, n)), i = s.weight;
  let o = t.nodeEdges(n);
  return o && o.forEach((u) => {
    let a = u.v === n, f = a ? u.w : u.v;
    if (f !== l) {
      let p = a === r, _ = t.edge(u).weight;
      if (i += p ? _ : -_, cg(e, n, f)) {
        let g = e.edge(n, f).cutvalue;
        i += p ? -g : g;
      }
    }
  }), i;
}
function oi(e, t) {
  arguments.length < 2 && (t = e.nodes()[0]), zc(e, {}, 1, t);
}
function zc(e, t, n, l, r) {
  let s = n, i = e.node(l);
  t[l] = !0;
  let o = e.neighbors(l);
  return o && o.forEach((u) => {
    Object.hasOwn(t, u) || (n = zc(e, t, n, u, l));
  }), i.low = s, i.lim = n++, r ? i.parent = r : delete i.parent, n;
}
function Vc(e) {
  return e.edges().find((t) => e.edge(t).cutvalue < 0);
}
function Hc(e, t, n) {
  let l = n.v, r = n.w;
  t.hasEdge(l, r) || (l = n.w, r = n.v);
  let s = e.node(l), i = e.node(r), o = s, u = !1;
  return s.lim > i.lim && (o = i, u = !0), t.edges().filter((a) => u === Xo(e, e.node(a.v), o) && u !== Xo(e, e.node(a.w), o)).reduce((a, f) => il(t, f) < il(t, a) ? f : a);
}
function Wc(e, t, n, l) {
  let r = n.v, s = n.w;
  e.removeEdge(r, s), e.setEdge(l.v, l.w, {}), oi(e), ii(e, t), ag(e, t);
}
function ag(e, t) {
  let n = e.nodes().find((r) => !e.node(r).parent);
  if (!n) return;
  let l = rg(e, [n]);
  l = l.slice(1), l.forEach((r) => {
    let s = e.node(r).parent, i = t.edge(r, s), o = !1;
    i || (i = t.edge(s, r), o = !0), t.node(r).rank = t.node(s).rank + (o ? i.minlen : -i.minlen);
  });
}
function cg(e, t, n) {
  return e.hasEdge(t, n);
}
function Xo(e, t, n) {
  return n.low <= t.lim && t.lim <= n.lim;
}
var ug = fg;
function fg(e) {
  let t = e.graph().ranker;
  if (typeof t == "function") return t(e);
  switch (t) {
    case "network-simplex":
      ea(e);
      break;
    case "tight-tree":
      hg(e);
      break;
    case "longest-path":
      dg(e);
      break;
    case "none":
      break;
    default:
      ea(e);
  }
}
var dg = si;
function hg(e) {
  si(e), jc(e);
}
function ea(e) {
  ig(e);
}
var pg = gg;
function gg(e) {
  let t = _g(e), n = e.graph();
  Array.isArray(n.dummyChains) && n.dummyChains.forEach((l) => {
    let r = e.node(l), s = r.edgeObj, i = mg(e, t, s.v, s.w), o = i.path, u = i.lca, a = 0, f = o[a], p = !0;
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
function mg(e, t, n, l) {
  let r = [], s = [], i = Math.min(t[n].low, t[l].low), o = Math.max(t[n].lim, t[l].lim), u;
  u = n;
  do
    u = e.parent(u), r.push(u);
  while (u && (t[u].low > i || o > t[u].lim));
  let a = u, f = l;
  for (; (f = e.parent(f)) !== a; ) s.push(f);
  return { path: r.concat(s.reverse()), lca: a };
}
function _g(e) {
  let t = {}, n = 0;
  function l(r) {
    let s = n;
    e.children(r).forEach(l), t[r] = { low: s, lim: n++ };
  }
  return e.children(Tr).forEach(l), t;
}
function wg(e) {
  let t = ul(e, "root", {}, "_root"), n = vg(e), l = Object.values(n), r = Dt(Math.max, l) - 1, s = 2 * r + 1;
  e.graph().nestingRoot = t, e.edges().forEach((o) => e.edge(o).minlen *= s);
  let i = bg(e) + 1;
  e.children(Tr).forEach((o) => {
    qc(e, t, s, i, r, n, o);
  }), e.graph().nodeRankFactor = s;
}
function qc(e, t, n, l, r, s, i) {
  var o;
  let u = e.children(i);
  if (!u.length) {
    i !== t && e.setEdge(t, i, { weight: 0, minlen: n });
    return;
  }
  let a = Zo(e, "_bt"), f = Zo(e, "_bb"), p = e.node(i);
  e.setParent(a, i), p.borderTop = a, e.setParent(f, i), p.borderBottom = f, u.forEach((_) => {
    var g;
    qc(e, t, n, l, r, s, _);
    let k = e.node(_), S = k.borderTop ? k.borderTop : _, N = k.borderBottom ? k.borderBottom : _, T = k.borderTop ? l : 2 * l, v = S !== N ? 1 : r - ((g = s[i]) != null ? g : 0) + 1;
    e.setEdge(a, S, { weight: T, minlen: v, nestingEdge: !0 }), e.setEdge(N, f, { weight: T, minlen: v, nestingEdge: !0 });
  }), e.parent(i) || e.setEdge(t, a, { weight: 0, minlen: r + ((o = s[i]) != null ? o : 0) });
}
function vg(e) {
  let t = {};
  function n(l, r) {
    let s = e.children(l);
    s && s.length && s.forEach((i) => n(i, r + 1)), t[l] = r;
  }
  return e.children(Tr).forEach((l) => n(l, 1)), t;
}
function bg(e) {
  return e.edges().reduce((t, n) => t + e.edge(n).weight, 0);
}
function kg(e) {
  let t = e.graph();
  e.removeNode(t.nestingRoot), delete t.nestingRoot, e.edges().forEach((n) => {
    e.edge(n).nestingEdge && e.removeEdge(n);
  });
}
var yg = Eg;
function Eg(e) {
  function t(n) {
    let l = e.children(n), r = e.node(n);
    if (l.length && l.forEach(t), r && Object.hasOwn(r, "minRank")) {
      r.borderLeft = [], r.borderRight = [];
      for (let s = r.minRank, i = r.maxRank + 1; s < i; ++s) ta(e, "borderLeft", "_bl", n, r, s), ta(e, "borderRight", "_br", n, r, s);
    }
  }
  e.children(Tr).forEach(t);
}
function ta(e, t, n, l, r, s) {
  let i = { width: 0, height: 0, rank: s, borderType: t }, o = r[t][s - 1], u = ul(e, "border", i, n);
  r[t][s] = u, e.setParent(u, l), o && e.setEdge(o, u, { weight: 1 });
}
function xg(e) {
  var t;
  let n = (t = e.graph().rankdir) == null ? void 0 : t.toLowerCase();
  (n === "lr" || n === "rl") && Bc(e);
}
function Sg(e) {
  var t;
  let n = (t = e.graph().rankdir) == null ? void 0 : t.toLowerCase();
  (n === "bt" || n === "rl") && Ng(e), (n === "lr" || n === "rl") && (Tg(e), Bc(e));
}
function Bc(e) {
  e.nodes().forEach((t) => na(e.node(t))), e.edges().forEach((t) => na(e.edge(t)));
}
function na(e) {
  let t = e.width;
  e.width = e.height, e.height = t;
}
function Ng(e) {
  e.nodes().forEach((t) => cs(e.node(t))), e.edges().forEach((t) => {
    var n;
    let l = e.edge(t);
    (n = l.points) == null || n.forEach(cs), Object.hasOwn(l, "y") && cs(l);
  });
}
function cs(e) {
  e.y = -e.y;
}
function Tg(e) {
  e.nodes().forEach((t) => us(e.node(t))), e.edges().forEach((t) => {
    var n;
    let l = e.edge(t);
    (n = l.points) == null || n.forEach(us), Object.hasOwn(l, "x") && us(l);
  });
}
function us(e) {
  let t = e.x;
  e.x = e.y, e.y = t;
}
function Mg(e, t = null) {
  let n = {}, l = e.nodes().filter((a) => !e.children(a).length), r = l.map((a) => e.node(a).rank), s = Dt(Math.max, r), i = jl(s + 1).map(() => []);
  function o(a) {
    if (n[a]) return;
    n[a] = !0;
    let f = e.node(a);
    i[f.rank].push(a);
    let p = e.successors(a);
    p && [...p].sort((_, g) => u(_, g)).forEach(o);
  }
  l.sort((a, f) => e.node(a).rank - e.node(f).rank).forEach(o);
  function u(a, f) {
    let p = e.node(a), _ = e.node(f);
    return Rc(t, p, _);
  }
  return i;
}
function Og(e, t) {
  let n = 0;
  for (let l = 1; l < t.length; ++l) n += $g(e, t[l - 1], t[l]);
  return n;
}
function $g(e, t, n) {
  let l = jp(n, n.map((a, f) => f)), r = t.flatMap((a) => {
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
function Cg(e, t = []) {
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
function Lg(e, t) {
  let n = {};
  e.forEach((r, s) => {
    let i = { indegree: 0, in: [], out: [], vs: [r.v], i: s };
    r.barycenter !== void 0 && (i.barycenter = r.barycenter, i.weight = r.weight), n[r.v] = i;
  }), t.edges().forEach((r) => {
    let s = n[r.v], i = n[r.w];
    s !== void 0 && i !== void 0 && (i.indegree++, s.out.push(i));
  });
  let l = Object.values(n).filter((r) => !r.indegree);
  return Pg(l);
}
function Pg(e) {
  let t = [];
  function n(r) {
    return (s) => {
      s.merged || (s.barycenter === void 0 || r.barycenter === void 0 || s.barycenter >= r.barycenter) && Ag(r, s);
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
  return t.filter((r) => !r.merged).map((r) => hr(r, ["vs", "i", "barycenter", "weight"]));
}
function Ag(e, t) {
  let n = 0, l = 0;
  e.weight && (n += e.barycenter * e.weight, l += e.weight), t.weight && (n += t.barycenter * t.weight, l += t.weight), e.vs = t.vs.concat(e.vs), e.barycenter = n / l, e.weight = l, e.i = Math.min(t.i, e.i), t.merged = !0;
}
function Ig(e, t, n, l, r) {
  let s = {}, i = null, o = null, u = r;
  typeof t == "boolean" ? (u = t, s = {}) : t && (s = t, i = n ?? null, o = l ?? null);
  let a = Ip(e, (T) => Object.hasOwn(T, "barycenter")), f = a.lhs, p = a.rhs.sort((T, v) => v.i - T.i), _ = [], g = 0, k = 0, S = 0;
  f.sort(Dg(o, i, !!u));
  for (let [T, v] of Object.entries(s)) {
    let x = f.findIndex((y) => y.vs[0] === T);
    f.splice(x + 1, 0, v);
  }
  S = la(_, p, S), f.forEach((T) => {
    S += T.vs.length, _.push(T.vs), g += T.barycenter * T.weight, k += T.weight, S = la(_, p, S);
  });
  let N = { vs: _.flat(1) };
  return k && (N.barycenter = g / k, N.weight = k), N;
}
function la(e, t, n) {
  let l;
  for (; t.length && (l = t[t.length - 1]).i <= n; ) t.pop(), e.push(l.vs), n++;
  return n;
}
function Dg(e, t, n) {
  return (l, r) => {
    if (l.barycenter < r.barycenter) return -1;
    if (l.barycenter > r.barycenter) return 1;
    if (e && (typeof l.vs[0] == "string" || typeof r.vs[0] == "string")) {
      let s = e.node(l.vs[0]), i = e.node(r.vs[0]), o = Rc(t, s, i);
      if (o !== 0) return o;
    }
    return n ? r.i - l.i : l.i - r.i;
  };
}
function Gc(e, t, n, l, r) {
  var s, i, o, u, a, f, p, _, g, k, S;
  let N = null, T = r;
  typeof l == "boolean" ? (T = l, N = null) : l !== void 0 && (N = l);
  let v = e.children(t), x = e.node(t), y = x ? x.borderLeft : void 0, P = x ? x.borderRight : void 0, C = {};
  y && (v = v.filter((R) => R !== y && R !== P));
  let B = Cg(e, v);
  B.forEach((R) => {
    if (e.children(R.v).length) {
      let { result: L } = Gc(e, R.v, n, N, T);
      C[R.v] = L, Object.hasOwn(L, "barycenter") && jg(R, L);
    }
  });
  let I = Lg(B, n);
  Rg(I, C);
  let q = {}, V = !1;
  for (let R = 0; R < I.length; R++) for (let L = R + 1; L < I.length; L++) if (!(!I[R] || !I[L] || !((s = I[R]) != null && s.barycenter) || !((i = I[L]) != null && i.barycenter)) && ((o = I[R]) == null ? void 0 : o.barycenter) === I[L].barycenter) {
    let j = (a = (u = I[R]) == null ? void 0 : u.vs[0]) != null ? a : "", A = (p = (f = I[L]) == null ? void 0 : f.vs[0]) != null ? p : "", U = e.node(j), G = e.node(A);
    if (U.dummy === "edge" && G.dummy === "edge" && ((_ = U.edgeObj) == null ? void 0 : _.v) === ((g = G.edgeObj) == null ? void 0 : g.v) && ((k = U.edgeObj) == null ? void 0 : k.w) === ((S = G.edgeObj) == null ? void 0 : S.w)) if (U.edgeLabel.reversed) {
      q[A] = I[R], I.splice(R, 1), R--;
      break;
    } else q[j] || (q[j] = I[L], I.splice(L, 1), L--);
    else V = !0;
  }
  let O = Ig(I, q, N, e, T);
  if (y && P) {
    O.vs = [y, O.vs, P].flat(1);
    let R = e.predecessors(y);
    if (R && R.length) {
      let L = e.node(R[0]), j = e.predecessors(P), A = e.node(j[0]);
      Object.hasOwn(O, "barycenter") || (O.barycenter = 0, O.weight = 0), O.barycenter = (O.barycenter * O.weight + L.order + A.order) / (O.weight + 2), O.weight += 2;
    }
  }
  return Object.defineProperty(O, "result", { value: O, enumerable: !1, configurable: !0, writable: !0 }), Object.defineProperty(O, "usedBias", { value: V, enumerable: !1, configurable: !0, writable: !0 }), O;
}
function Rg(e, t) {
  e.forEach((n) => {
    n.vs = n.vs.flatMap((l) => t[l] ? t[l].vs : l);
  });
}
function jg(e, t) {
  e.barycenter !== void 0 ? (e.barycenter = (e.barycenter * e.weight + t.barycenter * t.weight) / (e.weight + t.weight), e.weight += t.weight) : (e.barycenter = t.barycenter, e.weight = t.weight);
}
function Fg(e, t, n, l) {
  l || (l = e.nodes());
  let r = zg(e), s = new Tt({ compound: !0 }).setGraph({ root: r }).setDefaultNodeLabel((i) => e.node(i));
  return l.forEach((i) => {
    let o = e.node(i), u = e.parent(i);
    if (o.rank === t || o.minRank <= t && t <= o.maxRank) {
      s.setNode(i), s.setParent(i, u || r);
      let a = e[n](i);
      a && a.forEach((f) => {
        let p = f.v === i ? f.w : f.v, _ = s.edge(p, i), g = _ !== void 0 ? _.weight : 0;
        s.setEdge(p, i, { weight: e.edge(f).weight + g });
      }), Object.hasOwn(o, "minRank") && s.setNode(i, { borderLeft: o.borderLeft[t], borderRight: o.borderRight[t] });
    }
  }), s;
}
function zg(e) {
  let t;
  for (; e.hasNode(t = ri("_root")); ) ;
  return t;
}
function Vg(e, t, n) {
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
function Uc(e, t = {}, n = null) {
  if (typeof t.customOrder == "function") {
    t.customOrder(e, Uc);
    return;
  }
  let l = Dc(e), r = ra(e, jl(1, l + 1), "inEdges"), s = ra(e, jl(l - 1, -1, -1), "outEdges"), i = Mg(e, n);
  if (sa(e, i), t.disableOptimalOrderHeuristic) return;
  let o = Number.POSITIVE_INFINITY, u, a = t.constraints || [];
  for (let f = 0, p = 0; p < 4; ++f, ++p) {
    Hg(f % 2 ? r : s, f % 4 >= 2, a, n), i = Sr(e);
    let _ = Og(e, i);
    _ < o ? (p = 0, u = Object.assign({}, i), o = _) : _ === o && (u = structuredClone(i));
  }
  sa(e, u);
}
function ra(e, t, n) {
  let l = /* @__PURE__ */ new Map(), r = (s, i) => {
    l.has(s) || l.set(s, []), l.get(s).push(i);
  };
  for (let s of e.nodes()) {
    let i = e.node(s);
    if (typeof i.rank == "number" && r(i.rank, s), typeof i.minRank == "number" && typeof i.maxRank == "number") for (let o = i.minRank; o <= i.maxRank; o++) o !== i.rank && r(o, s);
  }
  return t.map(function(s) {
    return Fg(e, s, n, l.get(s) || []);
  });
}
function Hg(e, t, n, l) {
  let r = !0, s = new Tt();
  e.forEach(function(i) {
    n.forEach((f) => s.setEdge(f.left, f.right));
    let o = i.graph().root, { result: u, usedBias: a } = Gc(i, o, s, l, r);
    t && a && (r = !r), u.vs.forEach((f, p) => i.node(f).order = p), Vg(i, s, u.vs);
  });
}
function sa(e, t) {
  Object.values(t).forEach((n) => n.forEach((l, r) => e.node(l).order = r));
}
function Wg(e, t) {
  let n = {};
  function l(r, s) {
    let i = 0, o = 0, u = r.length, a = s[s.length - 1];
    return s.forEach((f, p) => {
      let _ = Bg(e, f), g = _ ? e.node(_).order : u;
      (_ || f === a) && (s.slice(o, p + 1).forEach((k) => {
        let S = e.predecessors(k);
        S && S.forEach((N) => {
          let T = e.node(N), v = T.order;
          (v < i || g < v) && !(T.dummy && e.node(k).dummy) && Yc(n, N, k);
        });
      }), o = p + 1, i = g);
    }), s;
  }
  return t.length && t.reduce(l), n;
}
function qg(e, t) {
  let n = {};
  function l(i) {
    var o;
    return ((o = e.node(i)) == null ? void 0 : o.dummy) === "border";
  }
  if (!e.nodes().some(l)) return n;
  function r(i, o, u, a, f) {
    jl(o, u).forEach((p) => {
      let _ = i[p];
      if (_ !== void 0 && e.node(_).dummy) {
        let g = e.predecessors(_);
        g && g.forEach((k) => {
          if (k === void 0) return;
          let S = e.node(k);
          S.dummy && (S.order < a || S.order > f) && Yc(n, k, _);
        });
      }
    });
  }
  function s(i, o) {
    let u = -1, a = -1, f = 0;
    return o.forEach((p, _) => {
      if (l(p)) {
        let g = e.predecessors(p);
        if (g && g.length) {
          let k = g[0];
          if (k === void 0) return;
          a = e.node(k).order, r(o, f, _, u, a), f = _, u = a;
        }
      }
      r(o, f, o.length, a, i.length);
    }), o;
  }
  return t.length && t.reduce(s), n;
}
function Bg(e, t) {
  if (e.node(t).dummy) {
    let n = e.predecessors(t);
    if (n) return n.find((l) => e.node(l).dummy);
  }
}
function Yc(e, t, n) {
  if (t > n) {
    let r = t;
    t = n, n = r;
  }
  let l = e[t];
  l || (e[t] = l = {}), l[n] = !0;
}
function Gg(e, t, n) {
  if (t > n) {
    let r = t;
    t = n, n = r;
  }
  let l = e[t];
  return l !== void 0 && Object.hasOwn(l, n);
}
function Ug(e, t, n, l, r) {
  let s = {}, i = {}, o = {};
  return t.forEach((u) => {
    u.forEach((a, f) => {
      s[a] = a, i[a] = a, o[a] = f;
    });
  }), t.forEach((u) => {
    let a = -1, f = -1, p = !1, _ = u, g = u.findIndex((k) => r?.includes(k) || ia(k, e, r));
    g > 0 && (_ = [u[g], ...u.slice(0, g), ...u.slice(g + 1)], p = !0), _.forEach((k) => {
      var S;
      let N = l(k);
      if (N && N.length) {
        r != null && r.includes(k) && (N = N.filter((x) => ia(x, e, r)));
        let T = N.sort((x, y) => {
          let P = o[x], C = o[y];
          return (P !== void 0 ? P : 0) - (C !== void 0 ? C : 0);
        }), v = (T.length - 1) / 2;
        for (let x = Math.floor(v), y = Math.ceil(v); x <= y; ++x) {
          let P = T[x];
          if (P === void 0) continue;
          let C = o[P];
          if (C !== void 0 && i[k] === k && a < C && o[P] !== f && !Gg(n, k, P)) {
            let B = s[P];
            B !== void 0 && (i[P] = k, i[k] = s[k] = B, a = C, p && (a = -1, f = (S = o[P]) != null ? S : -1, p = !1));
          }
        }
      }
    });
  }), { root: s, align: i };
}
function Yg(e, t, n, l, r = !1) {
  let s = {}, i = Kg(e, t, n, r), o = r ? "borderLeft" : "borderRight";
  function u(g, k) {
    let S = i.nodes().slice(), N = {}, T = S.pop();
    for (; T; ) {
      if (N[T]) g(T);
      else {
        N[T] = !0, S.push(T);
        for (let v of k(T)) S.push(v);
      }
      T = S.pop();
    }
  }
  function a(g) {
    let k = i.inEdges(g);
    k ? s[g] = k.reduce((S, N) => {
      var T;
      let v = (T = s[N.v]) != null ? T : 0, x = i.edge(N);
      return Math.max(S, v + (x !== void 0 ? x : 0));
    }, 0) : s[g] = 0;
  }
  function f(g) {
    let k = i.outEdges(g), S = Number.POSITIVE_INFINITY;
    k && (S = k.reduce((T, v) => {
      let x = s[v.w], y = i.edge(v);
      return Math.min(T, (x !== void 0 ? x : 0) - (y !== void 0 ? y : 0));
    }, Number.POSITIVE_INFINITY));
    let N = e.node(g);
    S !== Number.POSITIVE_INFINITY && N.borderType !== o && (s[g] = Math.max(s[g] !== void 0 ? s[g] : 0, S));
  }
  function p(g) {
    return i.predecessors(g) || [];
  }
  function _(g) {
    return i.successors(g) || [];
  }
  return u(a, p), u(f, _), Object.keys(l).forEach((g) => {
    var k;
    let S = n[g];
    S !== void 0 && (s[g] = (k = s[S]) != null ? k : 0);
  }), s;
}
function Kg(e, t, n, l) {
  let r = new Tt(), s = e.graph(), i = em(s.nodesep, s.edgesep, l);
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
function Jg(e, t) {
  return Object.values(t).reduce((n, l) => {
    let r = Number.NEGATIVE_INFINITY, s = Number.POSITIVE_INFINITY;
    Object.entries(l).forEach(([o, u]) => {
      let a = tm(e, o) / 2;
      r = Math.max(u + a, r), s = Math.min(u - a, s);
    });
    let i = r - s;
    return i < n[0] && (n = [i, l]), n;
  }, [Number.POSITIVE_INFINITY, null])[1];
}
function Zg(e, t) {
  let n = Object.values(t), l = Dt(Math.min, n), r = Dt(Math.max, n);
  ["u", "d"].forEach((s) => {
    ["l", "r"].forEach((i) => {
      let o = s + i, u = e[o];
      if (!u || u === t) return;
      let a = Object.values(u), f = l - Dt(Math.min, a);
      i !== "l" && (f = r - Dt(Math.max, a)), f && (e[o] = Nr(u, (p) => p + f));
    });
  });
}
function Qg(e, t = void 0) {
  let n = e.ul;
  return n ? Nr(n, (l, r) => {
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
function Xg(e, t) {
  let n = Sr(e), l = Object.assign(Wg(e, n), qg(e, n)), r = {}, s;
  ["u", "d"].forEach((o) => {
    s = o === "u" ? n : Object.values(n).reverse(), ["l", "r"].forEach((u) => {
      u === "r" && (s = s.map((p) => Object.values(p).reverse()));
      let a = Ug(e, s, l, (p) => (o === "u" ? e.predecessors(p) : e.successors(p)) || [], t), f = Yg(e, s, a.root, a.align, u === "r");
      u === "r" && (f = Nr(f, (p) => -p)), r[o + u] = f;
    });
  });
  let i = Jg(e, r);
  return Zg(r, i), Qg(r, e.graph().align);
}
function em(e, t, n) {
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
function tm(e, t) {
  return e.node(t).width;
}
function ia(e, t, n) {
  var l;
  if (!n) return !1;
  let r = (l = t.node(e)) == null ? void 0 : l.edgeObj;
  if (!r || t.node(e).edgeLabel.reversed) return !1;
  let s = n.indexOf(r?.v), i = n.indexOf(r?.w);
  return s !== -1 && i !== -1 && s === (i + 1) % n.length || s === (i - 1) % n.length;
}
function nm(e, t) {
  e = Ac(e), lm(e), Object.entries(Xg(e, t)).forEach(([n, l]) => e.node(n).x = l);
}
function lm(e) {
  let t = Sr(e), n = e.graph(), l = n.ranksep, r = n.rankalign, s = 0;
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
var oa = /* @__PURE__ */ new WeakMap();
function rm(e, t = {}) {
  return Kc(e, Dp, t), e;
}
function aa(e, t, n) {
  let l = t;
  for (; l !== void 0; ) {
    let r = e.parent(l);
    if (r === n) return l;
    l = r;
  }
}
function Kc(e, t, n) {
  var l;
  let r = e.nodes().filter((v) => e.children(v).length), s = {};
  r.forEach((v) => {
    let x = e.node(v);
    if (x && x.rankdir) {
      let y = new Tt({ multigraph: !0, compound: !0 });
      y.setGraph({ rankdir: x.rankdir });
      let P = e.children(v);
      P.forEach((j) => {
        let A = { ...e.node(j) };
        y.setNode(j, A);
        let U = e.parent(j);
        U && U !== v && P.includes(U) && y.setParent(j, U);
      });
      let C = /* @__PURE__ */ new Set();
      e.edges().forEach((j) => {
        let A = aa(e, j.v, v), U = aa(e, j.w, v);
        if (A === j.v && U === j.w) y.setEdge(j, { ...e.edge(j) });
        else if (A && U && A !== U) {
          let G = `${A}\0${U}`;
          C.has(G) || (C.add(G), y.setEdge(A, U, { ...e.edge(j) }));
        }
      }), Kc(y, t, n);
      let B = ha(y);
      ua(B, t, n, null), fa(y, B);
      let I = 1 / 0, q = 1 / 0, V = -1 / 0, O = -1 / 0;
      y.nodes().forEach((j) => {
        if (j === v) return;
        let A = y.node(j);
        A && typeof A.x == "number" && typeof A.y == "number" && typeof A.width == "number" && typeof A.height == "number" && (I = Math.min(I, A.x - A.width / 2), V = Math.max(V, A.x + A.width / 2), q = Math.min(q, A.y - A.height / 2), O = Math.max(O, A.y + A.height / 2));
      }), (!isFinite(I) || !isFinite(q) || !isFinite(V) || !isFinite(O)) && (I = q = 0, V = O = 0);
      let R = V - I, L = O - q;
      s[v] = { minX: I, minY: q, maxX: V, maxY: O, width: R, height: L, offsetX: I, offsetY: q }, x._dagreClusterSubgraph = y;
    }
  });
  let i = [], o = (v) => {
    let x = [], y = (e.children(v) || []).filter((P) => P !== v);
    for (; y.length > 0; ) {
      let P = y.shift();
      x.push(P), (e.children(P) || []).filter((C) => C !== P).forEach((C) => y.push(C));
    }
    return x;
  }, u = /* @__PURE__ */ new Map();
  r.forEach((v) => {
    let x = e.node(v);
    x && x.rankdir && s[v] && u.set(v, (e.children(v) || []).filter((y) => y !== v));
  });
  let a = new Set([...u.values()].flat()), f = /* @__PURE__ */ new Map();
  u.forEach((v, x) => {
    a.has(x) || f.set(x, o(x));
  });
  let p = new Set([...f.values()].flat()), _ = (v) => {
    for (let [x, y] of f) if (y.includes(v)) return x;
    return v;
  }, g = [];
  e.edges().forEach((v) => {
    (p.has(v.v) || p.has(v.w)) && g.push({ edge: v, label: e.edge(v) });
  });
  let k = /* @__PURE__ */ new Map();
  p.forEach((v) => {
    let x = e.parent(v);
    k.set(v, typeof x == "string" ? x : void 0);
  }), f.forEach((v, x) => {
    let y = e.node(x), P = [];
    v.forEach((I) => {
      let q = e.node(I);
      q && (P.push({ id: I, node: q, parent: k.get(I) }), e.removeNode(I));
    });
    let C = g.filter(({ edge: I }) => v.includes(I.v) || v.includes(I.w)), B = s[x];
    y && (i.push({ clusterId: x, subgraph: y._dagreClusterSubgraph, bounds: B, children: v, removedNodes: P, removedEdges: C }), y.width = B.width, y.height = B.height);
  });
  let S = /* @__PURE__ */ new Set();
  g.forEach(({ edge: v, label: x }) => {
    let y = _(v.v), P = _(v.w);
    if (y !== P && e.hasNode(y) && e.hasNode(P)) {
      let C = `${y}\0${P}`;
      S.has(C) || (S.add(C), e.setEdge(y, P, { ...x, width: 0, height: 0 }));
    }
  });
  let N = ha(e), T = ua(N, t, n, (l = oa.get(e)) != null ? l : null);
  oa.set(e, T), fa(e, N), S.forEach((v) => {
    let x = v.indexOf("\0"), y = v.slice(0, x), P = v.slice(x + 1);
    e.hasEdge(y, P) && e.removeEdge(y, P);
  }), i.forEach(({ clusterId: v, subgraph: x, bounds: y, removedNodes: P, removedEdges: C }) => {
    var B, I;
    let q = e.node(v), V = (B = q?.x) != null ? B : 0, O = (I = q?.y) != null ? I : 0, R = (y.minX + y.maxX) / 2, L = (y.minY + y.maxY) / 2;
    P.forEach(({ id: j, node: A, parent: U }) => {
      e.setNode(j, A), U !== void 0 && e.setParent(j, U);
    }), C.forEach(({ edge: j, label: A }) => {
      e.setEdge(j, A);
    }), x.nodes().forEach((j) => {
      if (j === v) return;
      let A = x.node(j), U = e.node(j);
      U && A && typeof A.x == "number" && typeof A.y == "number" && (U.x = V + (A.x - R), U.y = O + (A.y - L));
    }), ca(e, x, V - R, O - L), delete q._dagreClusterSubgraph;
  }), r.forEach((v) => {
    var x, y;
    let P = e.node(v), C = s[v];
    if (P && P.rankdir && P._dagreClusterSubgraph && C) {
      let B = P._dagreClusterSubgraph, I = (x = P.x) != null ? x : 0, q = (y = P.y) != null ? y : 0, V = (C.minX + C.maxX) / 2, O = (C.minY + C.maxY) / 2;
      B.nodes().forEach((R) => {
        if (R === v) return;
        let L = B.node(R), j = e.node(R);
        if (j && L && typeof L.x == "number" && typeof L.y == "number") {
          let A = L.x - V, U = L.y - O;
          j.x = I + A, j.y = q + U;
        }
      }), ca(e, B, I - V, q - O), delete P._dagreClusterSubgraph;
    }
  });
}
function ca(e, t, n, l) {
  t.edges().forEach((r) => {
    if (!e.hasEdge(r)) return;
    let s = t.edge(r), i = e.edge(r);
    i.points = s.points.map((o) => ({ x: o.x + n, y: o.y + l })), Object.hasOwn(s, "x") && (i.x = s.x + n, i.y = s.y + l);
  });
}
function ua(e, t, n, l = null) {
  var r, s;
  let i = n?.useDynamic !== !1, o = i && (r = l?.graph) != null ? r : null, u = i && (s = l?.rawNodes) != null ? s : null;
  t("    makeSpaceForEdgeLabels", () => dm(e)), t("    removeSelfEdges", () => km(e)), t("    acyclic", () => Up(e, o)), t("    nestingGraph.run", () => wg(e)), t("    rank", () => ug(Ac(e))), t("    injectEdgeLabelProxies", () => hm(e)), t("    removeEmptyRanks", () => Pp(e)), t("    nestingGraph.cleanup", () => kg(e)), t("    normalizeRanks", () => Lp(e)), t("    assignRankMinMax", () => pm(e)), t("    removeEdgeLabelProxies", () => gm(e)), t("    normalize.run", () => Zp(e)), t("    parentDummyChains", () => pg(e)), t("    addBorderSegments", () => yg(e)), t("    order", () => Uc(e, n, u)), t("    insertSelfEdges", () => ym(e)), t("    adjustCoordinateSystem", () => xg(e)), t("    position", () => nm(e, n.corePath)), t("    positionSelfEdges", () => Em(e));
  let a = JSON.parse(JSON.stringify(e._nodes));
  return t("    removeBorderNodes", () => bm(e)), t("    normalize.undo", () => Xp(e)), t("    fixupEdgeLabelCoords", () => wm(e)), t("    undoCoordinateSystem", () => Sg(e)), t("    translateGraph", () => mm(e)), t("    assignNodeIntersects", () => _m(e)), t("    reversePoints", () => vm(e)), t("    acyclic.undo", () => Kp(e)), { graph: e, rawNodes: a };
}
function fa(e, t) {
  e.nodes().forEach((n) => {
    let l = e.node(n), r = t.node(n);
    l && (l.x = r.x, l.y = r.y, l.order = r.order, l.rank = r.rank, t.children(n).length && (l.width = r.width, l.height = r.height));
  }), e.edges().forEach((n) => {
    let l = e.edge(n), r = t.edge(n);
    l.points = r.points, Object.hasOwn(r, "x") && (l.x = r.x, l.y = r.y);
  }), e.graph().width = t.graph().width, e.graph().height = t.graph().height;
}
var sm = ["nodesep", "edgesep", "ranksep", "marginx", "marginy"], im = { ranksep: 50, edgesep: 20, nodesep: 50, rankdir: "TB", rankalign: "center" }, om = ["acyclicer", "ranker", "rankdir", "align", "rankalign"], am = ["width", "height", "rank"], da = { width: 0, height: 0 }, cm = ["minlen", "weight", "width", "height", "labeloffset"], um = { minlen: 1, weight: 1, width: 0, height: 0, labeloffset: 10, labelpos: "r" }, fm = ["labelpos"];
function ha(e) {
  let t = new Tt({ multigraph: !0, compound: !0 }), n = ds(e.graph());
  return t.setGraph(Object.assign({}, im, fs(n, sm), hr(n, om))), e.nodes().forEach((l) => {
    let r = ds(e.node(l)), s = fs(r, am);
    Object.keys(da).forEach((o) => {
      s[o] === void 0 && (s[o] = da[o]);
    }), t.setNode(l, s);
    let i = e.parent(l);
    i !== void 0 && t.setParent(l, i);
  }), e.edges().forEach((l) => {
    let r = ds(e.edge(l));
    t.setEdge(l, Object.assign({}, um, fs(r, cm), hr(r, fm)));
  }), t;
}
function dm(e) {
  let t = e.graph();
  t.ranksep /= 2, e.edges().forEach((n) => {
    var l;
    let r = e.edge(n);
    r.minlen *= 2, ((l = r.labelpos) != null ? l : "r").toLowerCase() !== "c" && (t.rankdir === "TB" || t.rankdir === "BT" ? r.width += r.labeloffset : r.height += r.labeloffset);
  });
}
function hm(e) {
  e.edges().forEach((t) => {
    let n = e.edge(t);
    if (n.width && n.height) {
      let l = e.node(t.v), r = { rank: (e.node(t.w).rank - l.rank) / 2 + l.rank, e: t };
      ul(e, "edge-proxy", r, "_ep");
    }
  });
}
function pm(e) {
  let t = 0;
  e.nodes().forEach((n) => {
    let l = e.node(n);
    l.borderTop && (l.minRank = e.node(l.borderTop).rank, l.maxRank = e.node(l.borderBottom).rank, t = Math.max(t, l.maxRank));
  }), e.graph().maxRank = t;
}
function gm(e) {
  e.nodes().forEach((t) => {
    let n = e.node(t);
    if (n.dummy === "edge-proxy") {
      let l = n;
      e.edge(l.e).labelRank = n.rank, e.removeNode(t);
    }
  });
}
function mm(e) {
  let t = Number.POSITIVE_INFINITY, n = 0, l = Number.POSITIVE_INFINITY, r = 0, s = e.graph(), i = s.marginx || 0, o = s.marginy || 0;
  function u(a) {
    let f = a.x, p = a.y, _ = a.width, g = a.height;
    t = Math.min(t, f - _ / 2), n = Math.max(n, f + _ / 2), l = Math.min(l, p - g / 2), r = Math.max(r, p + g / 2);
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
function _m(e) {
  e.edges().forEach((t) => {
    if (t.v === t.w) return;
    let n = e.edge(t), l = e.node(t.v), r = e.node(t.w), s, i;
    n.points ? (s = n.points[0], i = n.points[n.points.length - 1]) : (n.points = [], s = r, i = l), n.points.unshift(Jo(l, s)), n.points.push(Jo(r, i));
  });
}
function wm(e) {
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
function vm(e) {
  e.edges().forEach((t) => {
    let n = e.edge(t);
    n.reversed && n.points.reverse();
  });
}
function bm(e) {
  e.nodes().forEach((t) => {
    if (e.children(t).length) {
      let n = e.node(t), l = e.node(n.borderTop), r = e.node(n.borderBottom), s = e.node(n.borderLeft[n.borderLeft.length - 1]), i = e.node(n.borderRight[n.borderRight.length - 1]);
      n.width = Math.abs(i.x - s.x), n.height = Math.abs(r.y - l.y), n.x = s.x + n.width / 2, n.y = l.y + n.height / 2;
    }
  }), e.nodes().forEach((t) => {
    e.node(t).dummy === "border" && e.removeNode(t);
  });
}
function km(e) {
  e.edges().forEach((t) => {
    if (t.v === t.w) {
      let n = e.node(t.v);
      n.selfEdges || (n.selfEdges = []), n.selfEdges.push({ e: t, label: e.edge(t) }), e.removeEdge(t);
    }
  });
}
function ym(e) {
  Sr(e).forEach((t) => {
    let n = 0;
    t.forEach((l, r) => {
      let s = e.node(l);
      typeof s.rank != "number" && (s.rank = 0), s.order = r + n, (s.selfEdges || []).forEach((i) => {
        ul(e, "selfedge", { width: i.label.width, height: i.label.height, rank: s.rank, order: r + ++n, e: i.e, edgeLabel: i.label }, "_se"), (!Array.isArray(i.label.points) || i.label.points.length !== 7) && (i.label.points = [{ x: 0, y: -10 }, { x: 0, y: -10 }, { x: 0, y: 0 }, { x: 0, y: 10 }, { x: 0, y: 10 }, { x: 0, y: 0 }, { x: 0, y: 0 }]);
      }), delete s.selfEdges;
    });
  });
}
function Em(e) {
  e.nodes().forEach((t) => {
    let n = e.node(t), l = (r) => typeof r == "number" && isFinite(r);
    if (n.dummy === "selfedge") {
      let r = n, s = e.node(r.e.v), i = l(s?.x) ? s.x : 0, o = l(s?.y) ? s.y : 0, u = l(s?.width) ? s.width : 0, a = l(s?.height) ? s.height : 0, f = l(n.x) ? n.x : i, p = l(n.y) ? n.y : o, _ = u / 2, g = a / 2;
      r.edgeLabel.points = [{ x: f + _, y: p - g }, { x: f + _, y: p - g }, { x: f, y: p }, { x: f - _, y: p + g }, { x: f - _, y: p + g }, { x: f, y: p }, { x: f, y: p }], r.edgeLabel.x = f, r.edgeLabel.y = p, e.setEdge(r.e, r.edgeLabel), e.removeNode(t);
    } else n && Array.isArray(n.selfEdges) && n.selfEdges.forEach((r) => {
      if (!Array.isArray(r.label.points) || r.label.points.length !== 7) {
        let s = l(n.x) ? n.x : 0, i = l(n.y) ? n.y : 0, o = l(n.width) ? n.width : 0, u = l(n.height) ? n.height : 0, a = o / 2, f = u / 2;
        r.label.points = [{ x: s + a, y: i - f }, { x: s + a, y: i - f }, { x: s, y: i }, { x: s - a, y: i + f }, { x: s - a, y: i + f }, { x: s, y: i }, { x: s, y: i }];
      }
    });
  });
}
function fs(e, t) {
  return Nr(hr(e, t), Number);
}
function ds(e) {
  let t = {};
  return e && Object.entries(e).forEach(([n, l]) => {
    typeof n == "string" && (n = n.toLowerCase()), t[n] = l;
  }), t;
}
const xm = { width: 224, height: 146 }, Tl = "", Sm = { width: 74, height: 34 }, Nm = { width: 54, height: 16 }, pa = 8, Tm = 8, yl = /* @__PURE__ */ new Map();
function ga(e, t, n) {
  const l = JSON.stringify([n, e, t.map((i) => [i.caller, i.callee])]), r = yl.get(l);
  if (r) return r;
  const s = Om(e, t, n);
  return yl.size >= Tm && yl.delete(yl.keys().next().value ?? ""), yl.set(l, s), s;
}
function Mm(e, t, n) {
  const l = ga(e, t, "LR");
  if (l.width * Cs <= n) return l;
  const r = ga(e, t, "TB");
  return r.width * Cs <= n ? r : l;
}
const Cs = 0.8;
function Om(e, t, n) {
  const l = new Tt({ multigraph: !1 });
  l.setGraph({ rankdir: n, nodesep: 22, ranksep: n === "LR" ? 34 : 30, edgesep: 12, marginx: pa, marginy: pa });
  const r = new Set(e);
  for (const i of e) l.setNode(i, { ...xm });
  for (const { caller: i, callee: o } of t)
    !r.has(o) || !(i === Tl || r.has(i)) || (i === Tl && !l.hasNode(Tl) && l.setNode(Tl, { ...Sm }), l.setEdge(i, o, { ...Nm, labelpos: "c" }));
  rm(l);
  const s = l.graph();
  return {
    width: Math.ceil(s.width ?? 0),
    height: Math.ceil(s.height ?? 0),
    boxes: new Map(l.nodes().map((i) => [i, $m(l.node(i))])),
    edges: l.edges().map(({ v: i, w: o }) => Cm(i, o, l.edge(i, o)))
  };
}
function $m(e) {
  return { x: e.x - e.width / 2, y: e.y - e.height / 2, width: e.width, height: e.height };
}
function Cm(e, t, { points: n, x: l, y: r }) {
  const s = n[Math.floor(n.length / 2)] ?? { x: 0, y: 0 };
  return { caller: e, callee: t, path: Lm(n), label: { x: l ?? s.x, y: r ?? s.y } };
}
function Lm(e) {
  const [t, ...n] = e.map(({ x: s, y: i }) => ({ x: Math.round(s * 10) / 10, y: Math.round(i * 10) / 10 })), l = n.at(-1);
  if (!t || !l) return "";
  let r = `M${t.x},${t.y}`;
  for (let s = 0; s < n.length - 1; s++) {
    const i = n[s], o = n[s + 1], u = s === n.length - 2 ? o : { x: (i.x + o.x) / 2, y: (i.y + o.y) / 2 };
    r += `Q${i.x},${i.y} ${u.x},${u.y}`;
  }
  return n.length === 1 ? `${r}L${l.x},${l.y}` : r;
}
const Pm = 900;
function Am({ frame: e, client: t, live: n, visible: l }) {
  const [r, s] = Ne(""), i = mr(), o = ve(null), u = el((p) => s((_) => _ === p ? "" : p), []), a = el(() => {
    s(""), o.current?.querySelector(".ks-chosen")?.focus();
  }, []), f = e.nodes.find((p) => p.name === r);
  return /* @__PURE__ */ h("section", { class: "ks-graph-view", "aria-label": `live graph of app ${e.app}`, children: [
    /* @__PURE__ */ h(Im, { frame: e }),
    e.nodes.length === 0 ? /* @__PURE__ */ h(ct, { children: [
      "App ",
      e.app,
      " has no deployments."
    ] }) : /* @__PURE__ */ h("div", { ref: o, children: /* @__PURE__ */ h(Dm, { frame: e, chosen: r, panelId: i, live: n, onChoose: u }) }),
    f && /* @__PURE__ */ h(Gh, { id: i, node: f, frame: e, client: t, live: n, visible: l, onClose: a }, r)
  ] });
}
function Im({ frame: e }) {
  return /* @__PURE__ */ h("header", { class: "ks-head", children: [
    /* @__PURE__ */ h("b", { class: "ks-cut", title: e.app, children: e.app }),
    /* @__PURE__ */ h($l, { tone: Dl(e.status), title: e.message, children: Rl(e.status) }),
    /* @__PURE__ */ h("span", { class: "ks-muted", children: [
      "revision ",
      e.revision
    ] }),
    e.deploying !== null && /* @__PURE__ */ h($l, { tone: "busy", children: [
      "deploying r",
      e.deploying
    ] }),
    e.trial !== null && /* @__PURE__ */ h($l, { tone: "trial", title: "answers shadow requests until it is accepted", children: [
      "r",
      e.trial,
      " on trial"
    ] }),
    e.url && /* @__PURE__ */ h("span", { class: "ks-cut ks-url", children: /* @__PURE__ */ h(Zu, { url: e.url }) }),
    e.message && /* @__PURE__ */ h("span", { class: "ks-message ks-cut", title: e.message, children: e.message })
  ] });
}
function Dm({ frame: e, chosen: t, panelId: n, live: l, onChoose: r }) {
  const [s, i] = Ia(), o = e.nodes.map((k) => k.name).join(`
`) + JSON.stringify(e.edges.map((k) => [k.caller, k.callee])), u = i ?? Pm, a = e.nodes.map((k) => k.name), f = Rt(() => Mm(a, e.edges, u), [o, u]), p = jm(e), _ = Math.max(Cs, Math.min(1, u / f.width)), g = f.boxes.get(Tl);
  return /* @__PURE__ */ h("div", { class: "ks-canvas", ref: s, children: /* @__PURE__ */ h("div", { class: "ks-sized", style: { width: `${f.width * _}px`, height: `${f.height * _}px` }, children: /* @__PURE__ */ h("div", { class: "ks-plane", style: { width: `${f.width}px`, height: `${f.height}px`, transform: `scale(${_})` }, children: [
    /* @__PURE__ */ h(tp, { layout: f, edges: e.edges, live: l }),
    g && /* @__PURE__ */ h("span", { class: "ks-clients", style: { left: `${g.x}px`, top: `${g.y}px` }, title: "requests from outside", children: "clients" }),
    e.nodes.map((k) => /* @__PURE__ */ h(
      Kh,
      {
        node: k,
        box: f.boxes.get(k.name),
        now: e.time,
        fresh: p.has(k.name),
        chosen: k.name === t,
        panelId: n,
        onChoose: r
      },
      k.name
    ))
  ] }) }) });
}
const Rm = 6;
function jm(e) {
  const t = ve(/* @__PURE__ */ new Map()), n = ve(!0), l = /* @__PURE__ */ new Set();
  for (const r of e.nodes) {
    const s = `${e.revision} ${r.revision} ${r.action}`, i = t.current.get(r.name), o = i?.did === s ? i.at : n.current ? -1 / 0 : e.time;
    t.current.set(r.name, { did: s, at: o }), e.time - o < Rm && l.add(r.name);
  }
  return n.current = !1, l;
}
function ma({ label: e, text: t }) {
  const [n, l] = Ne(""), r = async () => {
    try {
      await navigator.clipboard.writeText(t), l("copied");
    } catch {
      l("by hand");
    }
  };
  return /* @__PURE__ */ h(Ft, { children: [
    /* @__PURE__ */ h("button", { type: "button", class: "ks-button", title: t, onClick: () => void r(), children: e }),
    n === "copied" && /* @__PURE__ */ h("span", { role: "status", children: "✓ copied" }),
    n === "by hand" && /* @__PURE__ */ h(Fm, { label: e, text: t })
  ] });
}
function Fm({ label: e, text: t }) {
  const n = ve(!1);
  return /* @__PURE__ */ h("span", { class: "ks-by-hand", children: [
    /* @__PURE__ */ h("span", { children: "The browser does not let this page copy; press Ctrl+C:" }),
    /* @__PURE__ */ h("textarea", { class: "ks-input ks-mono", readOnly: !0, rows: 3, value: t, ref: (r) => {
      !r || n.current || (n.current = !0, r.focus(), r.select());
    }, "aria-label": e })
  ] });
}
const _a = 100, zm = 2, Vm = 12;
function Hm({ value: e }) {
  return /* @__PURE__ */ h("div", { class: "ks-json", children: /* @__PURE__ */ h(Jc, { name: null, value: e, depth: 0 }) });
}
function Jc({ name: e, value: t, depth: n }) {
  const l = e === null ? null : /* @__PURE__ */ h("span", { class: "ks-json-key", children: [
    e,
    ": "
  ] });
  return typeof t != "object" || t === null ? /* @__PURE__ */ h("div", { class: "ks-json-leaf", children: [
    l,
    /* @__PURE__ */ h(Wm, { value: t })
  ] }) : /* @__PURE__ */ h(qm, { label: l, value: t, depth: n });
}
function Wm({ value: e }) {
  return /* @__PURE__ */ h("span", { class: `ks-json-${e === null ? "null" : typeof e}`, children: JSON.stringify(e) });
}
function qm({ label: e, value: t, depth: n }) {
  const l = Object.entries(t), [r, s] = Ne(n < zm && l.length <= Vm), [i, o] = Ne(_a), u = Array.isArray(t), a = Xn(l.length, u ? "item" : "entry", u ? "items" : "entries");
  return /* @__PURE__ */ h("details", { open: r, onToggle: (f) => s(f.currentTarget.open), children: [
    /* @__PURE__ */ h("summary", { children: [
      e,
      /* @__PURE__ */ h("span", { class: "ks-muted", children: u ? `[${a}]` : `{${a}}` })
    ] }),
    r && /* @__PURE__ */ h("div", { class: "ks-json-inside", children: [
      l.slice(0, i).map(([f, p]) => /* @__PURE__ */ h(Jc, { name: f, value: p, depth: n + 1 }, f)),
      l.length > i && /* @__PURE__ */ h("button", { type: "button", class: "ks-button", onClick: () => o(i + _a), children: [
        l.length - i,
        " more"
      ] })
    ] })
  ] });
}
const Bm = /^image\/(png|jpeg|gif|webp|bmp|avif)$/, Gm = /^[A-Za-z0-9+/=\s]*$/;
function Ls({ title: e, body: t }) {
  return /* @__PURE__ */ h("figure", { class: "ks-payload", "aria-label": e, children: [
    /* @__PURE__ */ h("figcaption", { children: [
      e,
      t && /* @__PURE__ */ h("span", { class: "ks-muted", children: [
        " ",
        t.content_type,
        " ",
        ur(t.size),
        t.cut ? ", the beginning" : ""
      ] })
    ] }),
    t ? /* @__PURE__ */ h(Um, { body: t }) : /* @__PURE__ */ h("p", { class: "ks-muted", children: "not recorded" })
  ] });
}
function Um({ body: e }) {
  if (e.form === "json") return /* @__PURE__ */ h(Ym, { text: e.text });
  const t = e.content_type.split(";")[0]?.trim().toLowerCase() ?? "";
  return e.form === "image" && Bm.test(t) && Gm.test(e.data) ? /* @__PURE__ */ h("img", { class: "ks-image", src: `data:${t};base64,${e.data}`, alt: `image, ${ur(e.size)}` }) : e.form === "array" ? /* @__PURE__ */ h("p", { class: "ks-mono ks-note", children: [
    "▦ ",
    e.text
  ] }) : e.form === "text" ? /* @__PURE__ */ h("pre", { class: "ks-text", tabIndex: 0, children: e.text || "(empty)" }) : /* @__PURE__ */ h("p", { class: "ks-mono ks-note", children: e.text || `binary, ${ur(e.size)}` });
}
function Ym({ text: e }) {
  const t = Rt(() => Km(e), [e]);
  return t ? /* @__PURE__ */ h(Hm, { value: t.value }) : /* @__PURE__ */ h("pre", { class: "ks-text", tabIndex: 0, children: e });
}
function Km(e) {
  try {
    return { value: JSON.parse(e) };
  } catch {
    return null;
  }
}
const Jm = { text: "", status: "", slowerThan: null }, Zm = 499;
function ai(e) {
  return e.status === "cancelled" || e.status === Zm ? "cancelled" : e.failed || e.status === "error" || typeof e.status == "number" && e.status >= 500 ? "error" : "ok";
}
function Qm(e, t) {
  if (t.status && ai(e) !== t.status || t.slowerThan !== null && e.duration * 1e3 <= t.slowerThan) return !1;
  const n = t.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (n.length === 0) return !0;
  const l = [e.id, e.method, e.path, e.status, e.error, `r${e.revision}`, ...e.deployments].join(" ").toLowerCase();
  return n.every((r) => l.includes(r));
}
const wa = { column: "time", descending: !0 };
function Xm(e, t) {
  const n = e_[t.column], l = t.descending ? -1 : 1;
  return e.toSorted((r, s) => {
    const [i, o] = [n(r), n(s)];
    return i < o ? -l : i > o ? l : 0;
  });
}
const e_ = {
  time: (e) => e.time,
  status: (e) => String(e.status),
  request: (e) => `${e.path} ${e.method}`,
  duration: (e) => e.duration,
  revision: (e) => e.revision
};
function t_(e, t) {
  return e.column === t ? { column: t, descending: !e.descending } : { column: t, descending: t === "time" || t === "duration" || t === "revision" };
}
const n_ = [
  { name: "time", label: "Time" },
  { name: "status", label: "Status" },
  { name: "request", label: "Request" },
  { name: "duration", label: "Duration" },
  { name: "", label: "Deployments", wide: !0 },
  { name: "revision", label: "Rev", wide: !0 }
], l_ = { ok: "✓", error: "▲", cancelled: "⊘" };
function r_({ rows: e, sort: t, chosen: n, onSort: l, onOpen: r }) {
  return /* @__PURE__ */ h("div", { class: "ks-request-list", tabIndex: 0, role: "region", "aria-label": "requests", children: /* @__PURE__ */ h("table", { class: "ks-table ks-requests-table", children: [
    /* @__PURE__ */ h("thead", { children: /* @__PURE__ */ h("tr", { children: n_.map((s) => /* @__PURE__ */ h(s_, { column: s, sort: t, onSort: l }, s.label)) }) }),
    /* @__PURE__ */ h("tbody", { children: e.map((s) => /* @__PURE__ */ h(i_, { row: s, chosen: s.id === n, onOpen: r }, s.id)) })
  ] }) });
}
function s_({ column: { name: e, label: t, wide: n }, sort: l, onSort: r }) {
  const s = `ks-col-${t.toLowerCase()}${n ? " ks-wide" : ""}`;
  if (!e) return /* @__PURE__ */ h("th", { scope: "col", class: s, children: t });
  const i = l.column === e;
  return /* @__PURE__ */ h("th", { scope: "col", class: s, "aria-sort": i ? l.descending ? "descending" : "ascending" : "none", children: /* @__PURE__ */ h("button", { type: "button", class: "ks-sort", onClick: () => r(e), children: [
    t,
    /* @__PURE__ */ h("span", { "aria-hidden": "true", children: i ? l.descending ? " ↓" : " ↑" : "" })
  ] }) });
}
class i_ extends tn {
  shouldComponentUpdate(t) {
    return t.row !== this.props.row || t.chosen !== this.props.chosen || t.onOpen !== this.props.onOpen;
  }
  render({ row: t, chosen: n, onOpen: l }) {
    const r = ai(t), s = `${t.method} ${t.path}`;
    return /* @__PURE__ */ h("tr", { class: `ks-request ks-was-${r}${n ? " ks-chosen" : ""}`, "data-request": t.id, onClick: () => l(t.id), children: [
      /* @__PURE__ */ h("td", { class: "ks-number", title: t.id, children: Gt(t.time, !0) }),
      /* @__PURE__ */ h("td", { children: /* @__PURE__ */ h(Zc, { row: t }) }),
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
function Zc({ row: e }) {
  const t = ai(e);
  return /* @__PURE__ */ h("span", { class: `ks-status-word ks-was-${t}`, title: t, children: [
    /* @__PURE__ */ h("span", { "aria-hidden": "true", children: [
      l_[t],
      " "
    ] }),
    e.status
  ] });
}
function o_(e, t) {
  const n = Math.min(e.batch_wait, e.run), l = Math.max(0, e.duration - e.queue - e.run), r = [
    ["queue", e.queue],
    ["transport", l / 2],
    ["batch", n],
    ["run", e.run - n],
    ["transport", l / 2]
  ], s = [];
  let i = e.start;
  for (const [o, u] of r)
    u > 0 && s.push({ doing: o, left: va(i, t), width: va(u, t), took: u }), i += u;
  return s;
}
function a_(e, t) {
  return Math.max(t, ...e.map((n) => n.start + n.duration), 1e-6);
}
function va(e, t) {
  return Math.min(100, Math.max(0, e / t * 100));
}
const pr = { queue: "queue", batch: "batch wait", run: "run", transport: "transport" };
function c_({ spans: e, duration: t }) {
  if (e.length === 0) return /* @__PURE__ */ h(ct, { children: "No spans were recorded: the request did not reach a deployment." });
  const n = a_(e, t), l = e.map((s) => o_(s, n)), r = Object.keys(pr).filter((s) => l.some((i) => i.some((o) => o.doing === s)));
  return /* @__PURE__ */ h("figure", { class: "ks-waterfall", "aria-label": "where the time went", children: [
    /* @__PURE__ */ h("figcaption", { children: [
      "Where the time went",
      /* @__PURE__ */ h("span", { class: "ks-keys", children: r.map((s) => /* @__PURE__ */ h("span", { class: "ks-key", children: [
        /* @__PURE__ */ h("span", { class: `ks-piece ks-piece-${s}`, "aria-hidden": "true" }),
        pr[s]
      ] }, s)) })
    ] }),
    /* @__PURE__ */ h("ol", { class: "ks-spans", children: e.map((s, i) => /* @__PURE__ */ h(u_, { span: s, pieces: l[i] ?? [] }, i)) }),
    /* @__PURE__ */ h("div", { class: "ks-axis", "aria-hidden": "true", children: [
      /* @__PURE__ */ h("span", { children: "0" }),
      /* @__PURE__ */ h("span", { children: Qe(n * 1e3 / 2) }),
      /* @__PURE__ */ h("span", { children: Qe(n * 1e3) })
    ] })
  ] });
}
function u_({ span: e, pieces: t }) {
  const n = `${e.deployment}.${e.method}`, l = f_(e, t);
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
function f_(e, t) {
  const n = Object.keys(pr).flatMap((r) => {
    const s = t.filter((i) => i.doing === r).reduce((i, o) => i + o.took, 0);
    return s > 0 ? [`${pr[r]} ${Qe(s * 1e3)}`] : [];
  }), l = [
    e.batch_size > 0 && `batch of ${e.batch_size}`,
    e.attempts > 1 && `${e.attempts} attempts`,
    e.replica && `replica ${e.replica}`,
    e.error && `failed with ${e.error}`
  ].filter(Boolean);
  return `${e.deployment}.${e.method}: ${Qe(e.duration * 1e3)} from ${Qe(e.start * 1e3)} on; ${[...n, ...l].join(", ")}`;
}
function d_({ id: e, client: t, live: n, onClose: l }) {
  const [r, s] = Sn(t);
  jt(() => void s({ kind: "trace", request_id: e }), [e, s]);
  const i = (u) => {
    u.key === "Escape" && (u.stopPropagation(), l());
  }, o = r.answer;
  return /* @__PURE__ */ h("section", { class: "ks-panel ks-details", "aria-label": `request ${e}`, onKeyDown: i, children: [
    /* @__PURE__ */ h("header", { class: "ks-panel-head", children: [
      o && /* @__PURE__ */ h(Zc, { row: o.row }),
      /* @__PURE__ */ h("b", { class: "ks-cut", title: e, children: o ? `${o.row.method} ${o.row.path}` : e }),
      o?.row.shadow && /* @__PURE__ */ h($l, { tone: "trial", children: "shadow" }),
      /* @__PURE__ */ h("button", { type: "button", class: "ks-button ks-close", "aria-label": "close the request", onClick: l, children: "×" })
    ] }),
    r.error && /* @__PURE__ */ h(zt, { children: r.error }),
    o ? /* @__PURE__ */ h(h_, { trace: o, client: t, live: n }) : !r.error && /* @__PURE__ */ h(ct, { children: r.stage === "waiting" ? "Comes when the cell ends." : "Loading." })
  ] });
}
function h_({ trace: e, client: t, live: n }) {
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
    /* @__PURE__ */ h(p_, { trace: e, client: t, live: n }),
    e.error && /* @__PURE__ */ h(zt, { children: e.error }),
    /* @__PURE__ */ h(c_, { spans: e.spans, duration: l.duration }),
    /* @__PURE__ */ h("div", { class: "ks-payloads", children: [
      /* @__PURE__ */ h(Ls, { title: "Request", body: e.request }),
      /* @__PURE__ */ h(Ls, { title: "Answer", body: e.answer })
    ] }),
    e.traceback && /* @__PURE__ */ h("details", { class: "ks-traceback", open: !0, children: [
      /* @__PURE__ */ h("summary", { children: "Traceback" }),
      /* @__PURE__ */ h("pre", { tabIndex: 0, children: e.traceback })
    ] })
  ] });
}
function p_({ trace: e, client: t, live: n }) {
  const [l, r] = Sn(t), s = l.stage === "sent" || l.stage === "waiting";
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
      e.curl && /* @__PURE__ */ h(ma, { label: "Copy as curl", text: e.curl }),
      e.handle_call && /* @__PURE__ */ h(ma, { label: "Copy as handle call", text: e.handle_call }),
      e.why_not && /* @__PURE__ */ h("span", { class: "ks-muted", children: e.why_not }),
      l.stage === "sent" && /* @__PURE__ */ h("span", { role: "status", children: "sending …" }),
      l.stage === "waiting" && /* @__PURE__ */ h("span", { class: "ks-waiting", role: "status", children: "… runs when the cell ends" })
    ] }),
    l.error && /* @__PURE__ */ h(zt, { children: l.error }),
    l.stage === "done" && l.answer && /* @__PURE__ */ h(g_, { replayed: l.answer })
  ] });
}
function g_({ replayed: e }) {
  return /* @__PURE__ */ h("div", { class: "ks-again", role: "status", children: [
    "Replayed: status ",
    e.status,
    " in ",
    Qe(e.duration * 1e3),
    ",",
    " ",
    /* @__PURE__ */ h("b", { children: e.same ? "✓ the same answer" : "≠ another answer" }),
    /* @__PURE__ */ h(Ls, { title: "Answer of the replay", body: e.answer })
  ] });
}
const m_ = [
  ["", "all"],
  ["ok", "ok"],
  ["error", "error"],
  ["cancelled", "cancelled"]
];
function __({ filter: e, onChange: t }) {
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
          children: m_.map(([l, r]) => /* @__PURE__ */ h("option", { value: l, children: r }, l))
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
const Ps = 500;
class w_ {
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
      (!r || !v_(r, l)) && this.#e.set(l.id, l);
    }
    if (this.#e.size > Ps) {
      const l = [...this.#e.values()].sort(ba).slice(0, Ps);
      this.#e = new Map(l.map((r) => [r.id, r]));
    }
  }
  /** Newest first. */
  rows() {
    return [...this.#e.values()].sort(ba);
  }
}
function ba(e, t) {
  return t.time - e.time;
}
function v_(e, t) {
  return e.status === t.status && e.duration === t.duration && e.error === t.error && e.deployments.length === t.deployments.length;
}
function b_({ frame: e, client: t, live: n }) {
  const [l, r] = Ne(Jm), [s, i] = Ne(wa), [o, u] = Ne(!1), [a, f] = Ne(""), p = E_(e, t, n, l), _ = ve([]);
  o || (_.current = p.rows);
  const g = _.current, k = Rt(() => {
    const T = g.filter((v) => Qm(v, l));
    return s === wa ? T : Xm(T, s);
  }, [g, l, s]), S = el((T) => f((v) => v === T ? "" : T), []), N = (T) => i(t_(s, T));
  return /* @__PURE__ */ h("section", { class: "ks-requests", "aria-label": `requests of app ${e.app}`, children: [
    /* @__PURE__ */ h("div", { class: "ks-tools", children: [
      /* @__PURE__ */ h(__, { filter: l, onChange: r }),
      /* @__PURE__ */ h(Vs, { paused: o, onChange: u }),
      /* @__PURE__ */ h("span", { class: "ks-muted ks-hint", role: "status", children: [
        k.length === g.length ? Xn(k.length, "request") : `${k.length} of ${Xn(g.length, "request")}`,
        o && p.rows !== g ? ", paused" : ""
      ] }),
      p.skipped > 0 && /* @__PURE__ */ h("span", { class: "ks-muted", title: `Too many to show each: the journal has them. At most ${Ps} are kept here.`, children: [
        Xn(p.skipped, "request"),
        " not shown"
      ] })
    ] }),
    p.error && /* @__PURE__ */ h(zt, { children: p.error }),
    k.length === 0 ? /* @__PURE__ */ h(ct, { children: g.length === 0 ? `No requests to ${e.app} so far.` : "No request fits the filter." }) : /* @__PURE__ */ h(r_, { rows: k, sort: s, chosen: a, onSort: N, onOpen: S }),
    a && /* @__PURE__ */ h(d_, { id: a, client: t, live: n, onClose: () => f("") }, a)
  ] });
}
const k_ = 300, y_ = 200;
function E_(e, t, n, { status: l, slowerThan: r }) {
  const s = ve(void 0);
  s.current ??= new w_();
  const i = ve(0), o = ve(null), u = ve(null);
  o.current !== e && (o.current = e, (e.rows.length > 0 || e.skipped > 0) && (s.current.add(e.rows, e.skipped), i.current += 1));
  const [a, f] = Sn(t);
  return a.answer && u.current !== a.answer && (u.current = a.answer, s.current.add(a.answer.rows), i.current += 1), jt(() => {
    if (!n) return;
    const _ = { kind: "rows", status: l, slower_than: r === null ? null : r / 1e3, last: y_ }, g = setTimeout(() => void f(_), k_);
    return () => clearTimeout(g);
  }, [n, l, r, f]), { rows: Rt(() => s.current?.rows() ?? [], [i.current]), skipped: s.current.skipped, error: a.error };
}
const x_ = {
  graph: "Waiting for the app's state.",
  dashboard: "Waiting for the first numbers.",
  requests: "Waiting for the first requests."
};
function S_({ client: e, model: t, shown: n }) {
  const l = String(t.get("view_kind") ?? ""), { frame: r, lostSince: s } = n, i = r && r.kind === l ? r : null;
  return /* @__PURE__ */ h("div", { class: `ks-root${s !== null || r?.gone ? " ks-lost" : ""}`, children: [
    /* @__PURE__ */ h(M_, { id: t.get("static_id") }),
    i && /* @__PURE__ */ h(T_, { frame: i, lostSince: s }),
    i ? N_(i, e, n) : /* @__PURE__ */ h(ct, { children: x_[l] ?? "Nothing to show." })
  ] });
}
function N_(e, t, n) {
  const l = n.lostSince === null && !e.gone;
  return e.kind === "graph" ? /* @__PURE__ */ h(Am, { frame: e, client: t, live: l, visible: n.visible }) : e.kind === "dashboard" ? /* @__PURE__ */ h(dh, { frame: e, client: t, live: l }) : /* @__PURE__ */ h(b_, { frame: e, client: t, live: l });
}
function T_({ frame: e, lostSince: t }) {
  const n = e.kind === "dashboard" ? e.apps.join(", ") : e.app;
  return e.gone ? /* @__PURE__ */ h(ka, { mark: "×", children: [
    "app ",
    n,
    " was deleted"
  ] }) : t === null ? null : /* @__PURE__ */ h(ka, { mark: "!", children: [
    "disconnected since ",
    Gt(t),
    "; the numbers are of that time"
  ] });
}
function ka({ mark: e, children: t }) {
  return /* @__PURE__ */ h("div", { class: "ks-notice", role: "status", children: [
    /* @__PURE__ */ h("span", { class: "ks-notice-mark", "aria-hidden": "true", children: e }),
    /* @__PURE__ */ h("span", { children: t })
  ] });
}
function M_({ id: e }) {
  return typeof e != "string" || !/^[\w-]+$/.test(e) ? null : /* @__PURE__ */ h("style", { children: `#${e} { display: none; }` });
}
const ya = "kernelserve:update", O_ = 500;
let $_ = 0;
function C_(e) {
  const t = performance.now();
  e(), ++$_ % O_ === 0 && performance.clearMeasures(ya), performance.measure(ya, { start: t, end: performance.now() });
}
function L_({ model: e, el: t }) {
  const n = t.ownerDocument.createElement("div");
  n.className = "kernelserve", t.append(n);
  let l;
  const r = () => {
    const s = l;
    s && C_(() => Vi(Ou(S_, { client: s, model: e, shown: s.shown }), n));
  };
  return l = new Wu(e, n, r), r(), () => {
    l?.close(), l = void 0, Vi(null, n), n.remove();
  };
}
const P_ = { render: L_ };
export {
  P_ as default
};
