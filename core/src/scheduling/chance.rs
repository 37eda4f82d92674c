//! Numbers that look random and are not: each is the hash of what it is for. So a draw depends on neither
//! order nor thread, and two futures that differ in one thing draw the same numbers for everything else.

/// The hash of these words (SplitMix64's finalizer over each in turn).
#[must_use]
pub fn hash(words: &[u64]) -> u64 {
    words.iter().fold(0x9E37_79B9_7F4A_7C15, |hash, word| {
        mix(hash ^ mix(word.wrapping_add(0x9E37_79B9_7F4A_7C15)))
    })
}

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A hash as a number above 0 and below 1.
#[must_use]
pub fn unit(hash: u64) -> f64 {
    ((hash >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
}

/// A hash as an index below `count`, which is not 0.
#[must_use]
pub fn index(hash: u64, count: usize) -> usize {
    let wide = u128::from(hash) * u128::from(count as u64);
    usize::try_from(wide >> 64).expect("it is below the count")
}

/// How many of `count` meet a chance of `share`: the binomial quantile at `unit` (0 to 1), exact where
/// few are expected, by the normal curve where many are.
#[must_use]
pub fn binomial(unit: f64, count: u32, share: f64) -> u32 {
    if share <= 0.0 || count == 0 {
        return 0;
    }
    if share >= 1.0 {
        return count;
    }
    let (n, failing) = (f64::from(count), 1.0 - share);
    let (mean, deviation) = (n * share, (n * share * failing).sqrt());
    if deviation > 6.0 {
        let hits = (mean + deviation * normal_quantile(unit)).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0..=count"
        )]
        return hits.clamp(0.0, n) as u32;
    }
    let mut probability = failing.powf(n);
    let mut below = probability;
    let mut hits = 0_u32;
    while below < unit && hits < count {
        probability *= (n - f64::from(hits)) / (f64::from(hits) + 1.0) * share / failing;
        below += probability;
        hits += 1;
    }
    hits
}

/// The standard normal quantile (Acklam's rational approximation, relative error below 1.2e-9).
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
    ];
    let polynomial = |of: &[f64], x: f64| of.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |q: f64| polynomial(&C, q) / (polynomial(&D, q) * q + 1.0);
    if p < 0.024_25 {
        tail((-2.0 * p.ln()).sqrt())
    } else if p > 0.975_75 {
        -tail((-2.0 * (1.0 - p).ln()).sqrt())
    } else {
        let q = p - 0.5;
        let r = q * q;
        polynomial(&A, r) * q / (polynomial(&B, r) * r + 1.0)
    }
}

/// A stream of such numbers, for a search that needs one after the other.
#[derive(Debug, Clone)]
pub struct Stream {
    seed: u64,
    drawn: u64,
}

impl Stream {
    /// The stream of that seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    fn next(&mut self) -> u64 {
        self.drawn += 1;
        mix(self.seed ^ mix(self.drawn.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    /// The next number above 0 and below 1.
    pub fn unit(&mut self) -> f64 {
        unit(self.next())
    }

    /// The next index below `count`, which is not 0.
    pub fn index(&mut self, count: usize) -> usize {
        index(self.next(), count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of SplitMix64 from 0, as its authors' program prints them: Steele, Lea, Flood (2014).
    #[test]
    fn numbers_are_mixed_as_splitmix64_mixes_them() {
        let golden = 0x9E37_79B9_7F4A_7C15_u64;
        let first = [1, 2, 3].map(|n| mix(golden.wrapping_mul(n)));
        assert_eq!(
            first,
            [
                0xE220_A839_7B1D_CDAF,
                0x6E78_9E6A_A1B9_65F4,
                0x06C4_5D18_8009_454F
            ]
        );
    }

    #[test]
    fn draws_depend_on_what_they_are_for_and_on_nothing_else() {
        assert_eq!(hash(&[1, 2, 3]), hash(&[1, 2, 3]));
        assert_ne!(hash(&[1, 2, 3]), hash(&[1, 3, 2]));
        let mean = (0..100_000).map(|n| unit(hash(&[7, n]))).sum::<f64>() / 1e5;
        assert!((mean - 0.5).abs() < 0.003, "{mean}");
    }

    #[test]
    fn binomial_draws_have_the_mean_and_the_spread_of_their_kind() {
        for (count, share) in [(10, 0.03), (200, 0.02), (5_000, 0.3)] {
            let draws: Vec<f64> = (0..20_000)
                .map(|n| f64::from(binomial(unit(hash(&[n])), count, share)))
                .collect();
            let mean = draws.iter().sum::<f64>() / draws.len() as f64;
            let variance =
                draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / draws.len() as f64;
            let (want_mean, want) = (
                f64::from(count) * share,
                f64::from(count) * share * (1.0 - share),
            );
            assert!(
                (mean - want_mean).abs() < 4.0 * (want / 2e4).sqrt(),
                "{mean} {want_mean}"
            );
            assert!((variance / want - 1.0).abs() < 0.06, "{variance} {want}");
        }
        assert_eq!(binomial(0.5, 7, 0.0), 0);
        assert_eq!(binomial(0.5, 7, 1.0), 7);
    }

    #[test]
    fn the_binomial_quantile_is_the_one_of_the_tables() {
        // Of ten at 0.3: two or fewer by 0.3828, three by 0.6496, four by 0.8497.
        for (unit, hits) in [(0.38, 2), (0.39, 3), (0.64, 3), (0.66, 4), (0.86, 5)] {
            assert_eq!(binomial(unit, 10, 0.3), hits, "{unit}");
        }
        // By the normal curve: 1,500 give or take 1.96 times 32.4.
        assert_eq!(binomial(0.025, 5_000, 0.3), 1_436);
        assert_eq!(binomial(0.975, 5_000, 0.3), 1_564);
    }

    #[test]
    fn the_normal_quantile_is_the_one_of_the_tables() {
        for (p, z) in [
            (0.5, 0.0),
            (0.8, 0.841_621),
            (0.975, 1.959_964),
            (0.01, -2.326_348),
        ] {
            assert!((normal_quantile(p) - z).abs() < 1e-5);
        }
    }
}
