"""The standard normal distribution, as scalars."""

from __future__ import annotations

import math

from engine.rules.compiled import rule
from engine.rules.elementary import log

_SQRT_HALF = math.sqrt(0.5)


@rule
def normal_cdf(x: float) -> float:
    """Probability that a standard normal is below `x`."""
    return 0.5 * math.erfc(-x * _SQRT_HALF)


@rule
def normal_quantile(p: float) -> float:
    """The standard normal quantile of `p` in (0, 1), to about 1e-16 relative.

    Wichura (1988), algorithm AS 241, function PPND16.
    """
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = 2.5090809287301226727e3
        top = top * r + 3.3430575583588128105e4
        top = top * r + 6.7265770927008700853e4
        top = top * r + 4.5921953931549871457e4
        top = top * r + 1.3731693765509461125e4
        top = top * r + 1.9715909503065514427e3
        top = top * r + 1.3314166789178437745e2
        top = top * r + 3.3871328727963666080e0
        low = 5.2264952788528545610e3
        low = low * r + 2.8729085735721942674e4
        low = low * r + 3.9307895800092710610e4
        low = low * r + 2.1213794301586595867e4
        low = low * r + 5.3941960214247511077e3
        low = low * r + 6.8718700749205790830e2
        low = low * r + 4.2313330701600911252e1
        low = low * r + 1.0
        return q * top / low
    r = math.sqrt(-log(min(p, 1.0 - p)))
    if r <= 5.0:
        r -= 1.6
        top = 7.74545014278341407640e-4
        top = top * r + 2.27238449892691845833e-2
        top = top * r + 2.41780725177450611770e-1
        top = top * r + 1.27045825245236838258e0
        top = top * r + 3.64784832476320460504e0
        top = top * r + 5.76949722146069140550e0
        top = top * r + 4.63033784615654529590e0
        top = top * r + 1.42343711074968357734e0
        low = 1.05075007164441684324e-9
        low = low * r + 5.47593808499534494600e-4
        low = low * r + 1.51986665636164571966e-2
        low = low * r + 1.48103976427480074590e-1
        low = low * r + 6.89767334985100004550e-1
        low = low * r + 1.67638483018380384940e0
        low = low * r + 2.05319162663775882187e0
        low = low * r + 1.0
    else:
        r -= 5.0
        top = 2.01033439929228813265e-7
        top = top * r + 2.71155556874348757815e-5
        top = top * r + 1.24266094738807843860e-3
        top = top * r + 2.65321895265761230930e-2
        top = top * r + 2.96560571828504891230e-1
        top = top * r + 1.78482653991729133580e0
        top = top * r + 5.46378491116411436990e0
        top = top * r + 6.65790464350110377720e0
        low = 2.04426310338993978564e-15
        low = low * r + 1.42151175831644588870e-7
        low = low * r + 1.84631831751005468180e-5
        low = low * r + 7.86869131145613259100e-4
        low = low * r + 1.48753612908506148525e-2
        low = low * r + 1.36929880922735805310e-1
        low = low * r + 5.99832206555887937690e-1
        low = low * r + 1.0
    return -top / low if q < 0.0 else top / low


@rule
def truncated_normal_quantile(p: float, mean: float, sd: float) -> float:
    """Quantile of a Normal(`mean`, `sd`) truncated to values above 0; the schema ensures a `mean` of at least 0."""
    if sd <= 0.0:
        return max(mean, 0.0)
    kept = normal_cdf(mean / sd)
    if p < 0.5:
        below = normal_cdf(-mean / sd)
        return max(0.0, mean + sd * normal_quantile(below + p * kept))
    # From above, because a probability near 1 would round to 1.
    return max(0.0, mean - sd * normal_quantile((1.0 - p) * kept))
