// A twin of the Monte Carlo clock in C++17: the same rules, the same addressed draws, every future in full.
//
//     twin RUN [FUTURES]
//
// RUN holds the numbers of a run and its worlds (written by benchmarks/twin.py, which also generates world.h from
// the engine's own record). One thread. Prints the processor seconds of the loop and counts of events; with FUTURES also
// writes what each future left, and the sums, as float64.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "world.h"

namespace {

constexpr double INF = std::numeric_limits<double>::infinity();

// ---- Addressed randomness: Philox4x32-10 of (seed; world, future, stream and entity, index).

enum Stream : uint32_t {
    RELEASE_GAP = 1,
    GENERATION_GAIN,
    FORMAT,
    BREAKTHROUGH_GAP,
    BREAKTHROUGH_KIND,
    BREAKTHROUGH_REACH,
    ADOPTION,
    COMMON_SHOCK,
    CLASS_SHOCK,
    ACTOR,
    RUN_PAUSE,
    REQUIREMENT,
    PUBLICATION = 20,
    MODEL_THEFT = 22,
    COMMON_REQUIREMENT = 25
};

struct Luck {
    uint64_t seed;
    uint32_t world, future;
};

struct Pair {
    double first, second;
};

inline double uniform_from_bits(uint32_t high, uint32_t low) {
    const uint64_t mantissa = (uint64_t(high) << 20) | (low >> 12);
    return double(int64_t(mantissa)) * 0x1p-52 + 0x1p-53;
}

inline Pair uniform_pair(const Luck& luck, Stream stream, uint32_t entity, uint32_t block) {
    uint32_t k0 = uint32_t(luck.seed), k1 = uint32_t(luck.seed >> 32);
    uint32_t c0 = luck.world, c1 = luck.future, c2 = (uint32_t(stream) << 26) | entity, c3 = block;
    for (int round = 0; round < 10; ++round) {
        const uint64_t p0 = uint64_t(0xD2511F53u) * c0, p1 = uint64_t(0xCD9E8D57u) * c2;
        c0 = uint32_t(p1 >> 32) ^ c1 ^ k0;
        c1 = uint32_t(p1);
        c2 = uint32_t(p0 >> 32) ^ c3 ^ k1;
        c3 = uint32_t(p0);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return {uniform_from_bits(c0, c1), uniform_from_bits(c2, c3)};
}

inline double uniform(const Luck& luck, Stream stream, uint32_t entity, uint32_t index) {
    const Pair pair = uniform_pair(luck, stream, entity, index >> 1);
    return index & 1 ? pair.second : pair.first;
}

// Uniforms at indices taken one after another from an even one: a block serves two of them.
class Sequence {
public:
    double at(const Luck& luck, Stream stream, uint32_t entity, uint32_t index) {
        if (index & 1) return pair_.second;
        pair_ = uniform_pair(luck, stream, entity, index >> 1);
        return pair_.first;
    }

private:
    Pair pair_{};
};

inline double exponential_from(double u) { return -std::log(u); }

// Wichura (1988), algorithm AS 241, PPND16.
inline double normal_quantile(double p) {
    const double q = p - 0.5;
    if (std::abs(q) <= 0.425) {
        const double r = 0.180625 - q * q;
        const double top = ((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r +
                               45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r +
                            133.14166789178437745) * r + 3.3871328727963666080;
        const double low = ((((((5226.4952788528545610 * r + 28729.085735721942674) * r + 39307.895800092710610) * r +
                               21213.794301586595867) * r + 5394.1960214247511077) * r + 687.18700749205790830) * r +
                            42.313330701600911252) * r + 1.0;
        return q * top / low;
    }
    double r = std::sqrt(-std::log(std::min(p, 1.0 - p)));
    double top, low;
    if (r <= 5.0) {
        r -= 1.6;
        top = ((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r + 2.41780725177450611770e-1) * r +
                  1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.76949722146069140550) * r +
               4.63033784615654529590) * r + 1.42343711074968357734;
        low = ((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r + 1.51986665636164571966e-2) * r +
                  1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r + 1.67638483018380384940) * r +
               2.05319162663775882187) * r + 1.0;
    } else {
        r -= 5.0;
        top = ((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.24266094738807843860e-3) * r +
                  2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580) * r +
               5.46378491116411436990) * r + 6.65790464350110377720;
        low = ((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r + 1.84631831751005468180e-5) * r +
                  7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r +
               5.99832206555887937690e-1) * r + 1.0;
    }
    return q < 0.0 ? -top / low : top / low;
}

inline double truncated_normal_quantile(double p, double mean, double sd) {
    if (sd <= 0.0) return std::max(mean, 0.0);
    const double below = 0.5 * std::erfc(mean / sd * std::sqrt(0.5));
    return std::max(0.0, mean + sd * normal_quantile(below + p * (1.0 - below)));
}

// Marsaglia & Tsang (2000); try a of draw n uses block 32 n + a.
double gamma(const Luck& luck, Stream stream, uint32_t entity, uint32_t index, double shape) {
    constexpr uint32_t TRIES = 32;
    double boost = 1.0;
    if (shape < 1.0) {
        boost = std::exp(std::log(uniform_pair(luck, stream, entity, index * TRIES + TRIES - 1).first) / shape);
        shape += 1.0;
    }
    const double d = shape - 1.0 / 3.0, c = 1.0 / std::sqrt(9.0 * d);
    for (uint32_t attempt = 0; attempt < TRIES - 1; ++attempt) {
        const Pair u = uniform_pair(luck, stream, entity, index * TRIES + attempt);
        const double x = normal_quantile(u.first);
        double v = 1.0 + c * x;
        if (v <= 0.0) continue;
        v = v * v * v;
        if (std::log(u.second) < 0.5 * x * x + d - d * v + d * std::log(v)) return boost * d * v;
    }
    return boost * d;
}

// ---- Rules: chips, compute, data.

const double LN10 = std::log(10.0), LOG10_E = 1.0 / LN10;

// Progress from `gains` under a ceiling `headroom` above the start: each gain shrinks linearly with the headroom left.
inline double saturated(double gains, double headroom) {
    if (std::isinf(headroom)) return gains;
    if (headroom <= 0.0) return 0.0;
    return headroom * (1.0 - std::exp(-gains / headroom));
}

// OOM of price-performance since the start, with `progress` from generations and formats.
inline double chip_gains(const World& world, double t, double progress) {
    const double headroom = world.price_performance_ceiling - world.price_performance;
    return saturated(progress + world.price_decline * (t - world.start), headroom);
}

// OOM by which running a given model became cheaper since the start.
inline double cheapening(const World& world, double t, double progress) {
    return chip_gains(world, t, progress) + world.inference_trend * (t - world.start);
}

inline double run_compute(const World& world, double t, double budget, double chips) {
    const double ideal = budget + chips;
    const double limit = world.parallel_limit + world.parallel_limit_growth * (t - world.start);
    const double excess = world.parallel_steepness * (ideal - limit);
    return ideal + world.utilisation - std::log(1.0 + std::exp(excess * LN10)) * LOG10_E;
}

inline double effective_compute(const World& world, double t, double compute, double tokens, double invariant,
                                double scaled) {
    const double part = compute >= world.scale_floor ? 1.0 : world.below_floor_share;
    const double gains = world.efficiency_trend * (t - world.start) + invariant + part * scaled;
    const double efficiency = saturated(gains, world.efficiency_headroom);
    const double needed = world.optimal_tokens + world.token_exponent * (compute - 24.0);
    const double stock = tokens + world.token_growth * (t - world.start) + world.data_share * efficiency;
    return compute + efficiency - world.shortfall_penalty * std::max(0.0, needed - stock);
}

double class_tokens(const World& world, int c) {
    const double open = world.token_stock, own = world.proprietary_tokens[c];
    if (std::isinf(open) || own <= 0.0) return open;
    const double high = std::max(open, own), low = std::min(open, own);
    return high + std::log(1.0 + std::exp((low - high) * LN10)) * LOG10_E;
}

// ---- A run's numbers and arrays.

struct Run {
    int64_t worlds, futures, seed, thresholds, times;
    std::vector<double> threshold;  // log10 FLOP
    std::vector<double> time;
    std::vector<World> world;
    int classes, capabilities;
    double time_step;
};

template <class T>
struct Table {  // rows of equal length in one block
    std::vector<T> values;
    int64_t columns = 0;
    Table(int64_t rows, int64_t columns_, T value = T()) : values(rows * columns_, value), columns(columns_) {}
    T* operator[](int64_t row) { return values.data() + row * columns; }
    void fill(T value) { std::fill(values.begin(), values.end(), value); }
};

enum Counted { RELEASES, BREAKTHROUGHS, RUNS, TRAINED_ATTAINMENTS, WEIGHT_RELEASES, THEFTS, KINDS };
enum Route : int { TRAINED, OPEN_WEIGHTS, STOLEN, NO_ROUTE = -1 };
constexpr int CHIPS = -1, SHIPPED_FORMAT = -2;

struct Event {
    double time, progress, invariant, scaled;
    int finder, number;
    bool secret;
};

struct Step {
    double time, progress, invariant, scaled;  // sums of what the class has from `time` on
};

struct Model {  // that has a capability
    int member, actor;
    uint32_t run;  // of its actor, from 0
    double finished, compute, reached;
    uint64_t capabilities;  // bit k: it has capability k
};

inline bool has(uint64_t capabilities, int k) { return capabilities >> k & 1; }

class Future {
public:
    explicit Future(const Run& run)
        : run_(run), time(run.classes, run.capabilities), route(run.classes, run.capabilities),
          best(run.classes, run.times), models(run.thresholds + 1, run.times), access(run.capabilities, run.times),
          trained_(run.classes, run.capabilities), open_(run.classes, run.capabilities),
          trained_time_(actors(run), run.capabilities), thieves_(run.classes),
          budget_(run.classes, int64_t(std::ceil(run.time.back() - run.time.front())) + 1),
          timeline_(run.classes), requirement_(run.capabilities), capable_(run.classes) {}

    void play(const Luck& luck, const World& world) {
        std::fill(counted, counted + KINDS, 0);
        best.fill(-INF);
        models.fill(0);
        trained_.fill(INF);
        open_.fill(INF);
        trained_time_.fill(INF);
        for (auto& thieves : thieves_) thieves.clear();
        set_budgets(luck, world);
        set_events(luck, world);
        for (int c = 0; c < run_.classes; ++c) set_timeline(luck, world, c);
        set_requirements(luck, world);
        for (int c = 0, actor = 0; c < run_.classes; ++c) {
            const double tokens = class_tokens(world, c);
            capable_[c].clear();
            for (int member = 0; member < world.count[c]; ++member, ++actor) train(luck, world, c, member, actor, tokens);
        }
        sum_models();
        for (int c = 0; c < run_.classes; ++c)
            for (const Model& model : capable_[c]) release_weights(luck, world, c, model);
        for (int c = 0; c < run_.classes; ++c)
            if (world.theft_rate[c] > 0.0) steal(luck, world, c);
        settle(world);
        count_access(world);
    }

private:
    const Run& run_;

public:
    // What a future leaves behind.
    Table<double> time;         // (class, capability) first attainment, INF for none
    Table<int> route;           // (class, capability)
    Table<double> best;         // (class, time) effective compute of the best model so far, -INF for none
    Table<int64_t> models;      // (band, time) models so far: row 0 all, row i above threshold i - 1
    Table<int64_t> access;      // (capability, time) actors with access
    int64_t counted[KINDS] = {};

private:
    Table<double> trained_, open_;              // (class, capability)
    Table<double> trained_time_;                // (actor, capability)
    // Of each class, by real actor that has stolen: for each capability the first use of a stolen model and the smallest.
    struct Stolen { double use = INF, compute = INF; };
    std::vector<std::map<int64_t, std::vector<Stolen>>> thieves_;
    Table<double> budget_;
    std::vector<Event> events_;
    std::vector<std::vector<Step>> timeline_;
    std::vector<double> requirement_;
    std::vector<std::vector<Model>> capable_;  // of each class

    static int64_t actors(const Run& run) {
        int64_t sum = 0;
        for (int c = 0; c < run.classes; ++c) sum += run.world[0].count[c];
        return sum;
    }

    void set_budgets(const Luck& luck, const World& world) {
        const double share = std::sqrt(world.common_shock_share), rest = std::sqrt(1.0 - world.common_shock_share);
        Sequence common_draws, class_draws[MAX_CLASSES];
        for (int c = 0; c < run_.classes; ++c) budget_[c][0] = std::min(world.budget_ceiling[c], world.budget[c]);
        for (int year = 0; year + 1 < budget_.columns; ++year) {
            const double common = normal_quantile(common_draws.at(luck, COMMON_SHOCK, 0, year));
            for (int c = 0; c < run_.classes; ++c) {
                double growth = world.budget_growth[c];
                if (world.budget_shock_sd[c] > 0.0) {
                    const double u = class_draws[c].at(luck, CLASS_SHOCK, world.class_address[c], year);
                    growth += world.budget_shock_sd[c] * (share * common + rest * normal_quantile(u));
                }
                budget_[c][year + 1] = std::min(world.budget_ceiling[c], budget_[c][year] + growth);
            }
        }
    }

    static double release_gap(const Luck& luck, const World& world, int generation) {
        const double mean = world.release_gap_mean, cv = world.release_gap_cv;
        if (cv <= 0.0 || std::isinf(mean)) return mean;
        const double shape = 1.0 / (cv * cv);
        return gamma(luck, RELEASE_GAP, 0, generation, shape) * mean / shape;
    }

    // Releases, formats and breakthroughs, in order of time.
    void set_events(const Luck& luck, const World& world) {
        double next[MAX_CLASSES];
        int found[MAX_CLASSES] = {};
        Sequence gaps[MAX_CLASSES];
        const auto gap = [&](int c) {
            const double rate = world.breakthrough_rate * world.research_share[c];
            if (rate <= 0.0) return INF;
            return exponential_from(gaps[c].at(luck, BREAKTHROUGH_GAP, world.class_address[c], found[c])) / rate;
        };
        for (int c = 0; c < run_.classes; ++c) next[c] = world.start + gap(c);
        double release = world.start + release_gap(luck, world, 0);
        int generation = 0, formats = 0;
        events_.clear();
        while (true) {
            const int c = int(std::min_element(next, next + run_.classes) - next);
            const double now = std::min(release, next[c]);
            if (now >= world.horizon) break;
            if (now == release) {
                const double u = uniform(luck, GENERATION_GAIN, 0, generation);
                const double gain = truncated_normal_quantile(u, world.generation_gain_mean, world.generation_gain_sd);
                events_.push_back({now, gain, 0.0, 0.0, CHIPS, generation, false});
                if (formats < world.n_formats && uniform(luck, FORMAT, 0, generation) < world.format_probability) {
                    events_.push_back({now, world.format_gain[formats], 0.0, 0.0, SHIPPED_FORMAT, formats, false});
                    ++formats;
                }
                ++generation;
                release = now + release_gap(luck, world, generation);
            } else {
                const Pair kind = uniform_pair(luck, BREAKTHROUGH_KIND, world.class_address[c], found[c]);
                const Pair reach = uniform_pair(luck, BREAKTHROUGH_REACH, world.class_address[c], found[c]);
                const double mean = kind.first < world.major_probability ? world.major_gain_mean : world.small_gain_mean;
                const double gain = mean * exponential_from(kind.second);
                const bool scaled = reach.first < world.scale_dependent_probability;
                const bool secret = reach.second < world.secrecy[c];
                events_.push_back({now, 0.0, scaled ? 0.0 : gain, scaled ? gain : 0.0, c, found[c], secret});
                ++found[c];
                next[c] = now + gap(c);
                ++counted[BREAKTHROUGHS];
            }
        }
        counted[RELEASES] = generation;
    }

    // What class `c` has from when on.
    void set_timeline(const Luck& luck, const World& world, int c) {
        Sequence lags[MAX_CLASSES];
        std::vector<Step>& steps = timeline_[c];
        steps.assign(1, {-INF, 0.0, 0.0, 0.0});
        const double published = world.published_lag / world.absorption[c];
        const double secret = world.secret_lag / world.absorption[c];
        for (const Event& event : events_) {
            double time = event.time;
            if (event.finder == CHIPS) {
                time += world.procurement_lag[c];
            } else if (event.finder == SHIPPED_FORMAT) {
                time += std::max(world.procurement_lag[c], world.format_adoption_lag[event.number]);
            } else if (event.finder != c) {
                const uint32_t index = (uint32_t(world.class_address[c]) << 16) | uint32_t(event.number);
                const double u = lags[event.finder].at(luck, ADOPTION, world.class_address[event.finder], index);
                time += (event.secret ? secret : published) * exponential_from(u);
            }
            // Nearly in order already: insertion.
            std::size_t place = steps.size();
            steps.emplace_back();
            for (; steps[place - 1].time > time; --place) steps[place] = steps[place - 1];
            steps[place] = {time, event.progress, event.invariant, event.scaled};
        }
        for (std::size_t n = 1; n < steps.size(); ++n) {
            steps[n].progress += steps[n - 1].progress;
            steps[n].invariant += steps[n - 1].invariant;
            steps[n].scaled += steps[n - 1].scaled;
        }
    }

    void set_requirements(const Luck& luck, const World& world) {
        const double share = world.common_deviation_share;
        const double common = std::sqrt(share) * normal_quantile(uniform(luck, COMMON_REQUIREMENT, 0, 0));
        std::vector<double> own(run_.capabilities);
        for (int k = 0; k < run_.capabilities; ++k) {
            const double u = uniform(luck, REQUIREMENT, world.capability_address[k], 0);
            const double deviation = std::sqrt(1.0 - share) * normal_quantile(u) + common;
            own[k] = world.requirement[k] + world.requirement_spread[k] * deviation;
        }
        // A capability needs what those need without which no model has it.
        for (int k = 0; k < run_.capabilities; ++k) {
            requirement_[k] = own[k];
            for (int j = 0; j < run_.capabilities; ++j)
                if (has(world.basis[k], j)) requirement_[k] = std::max(requirement_[k], own[j]);
        }
    }

    // How many real actors an actor stands for: the luckiest of `represents` for one, the next one for the others.
    static int64_t weight(const World& world, int c, int64_t member) {
        const int64_t n = world.represents[c];
        return n == 1 || member % 2 ? std::max<int64_t>(n - 1, 1) : 1;
    }

    // Offset of the log budget and elicitation.
    static Pair traits_of(const Luck& luck, const World& world, int c, int member) {
        const double spread = world.budget_spread[c], sd = world.elicitation_sd[c], mean = world.elicitation_mean[c];
        const int64_t n = world.represents[c];
        Pair draw = uniform_pair(luck, ACTOR, world.class_address[c], n == 1 ? member : member & ~1);
        if (n == 1) return {spread * normal_quantile(draw.first), mean + sd * normal_quantile(draw.second)};
        double rank = std::pow(draw.first, 1.0 / double(n));
        if (member & 1) {
            draw = uniform_pair(luck, ACTOR, world.class_address[c], member);
            rank *= draw.first;
        }
        const double both = std::hypot(spread, sd);
        if (both == 0.0) return {0.0, mean};
        const double sum = normal_quantile(std::min(rank, std::nextafter(1.0, 0.0))) / both;
        const double rest = spread * sd * normal_quantile(draw.second) / both;
        return {spread * spread * sum + rest, mean + sd * sd * sum - rest};
    }

    // An actor's runs, one after another.
    void train(const Luck& luck, const World& world, int c, int member, int actor, double tokens) {
        const Pair traits = traits_of(luck, world, c, member);
        const double offset = traits.first, elicitation = traits.second;
        const double pause = world.run_pause[c], duration = world.run_duration[c];
        const double* knots = budget_[c];
        const Step* step = timeline_[c].data();
        const Step* const last_step = step + timeline_[c].size() - 1;
        const int last = int(run_.times) - 1;
        Sequence pauses;
        double now = world.start + world.entry_lag[c];
        uint32_t runs = 0;
        while (true) {
            const double u = pauses.at(luck, RUN_PAUSE, world.class_address[c], (uint32_t(member) << 16) | runs);
            const double begun = now + pause * exponential_from(u);
            now = begun + duration;
            if (now >= world.horizon) break;
            while (step < last_step && step[1].time <= begun) ++step;
            const int year = int(begun - world.start);
            const double budget = offset + (knots[year] + (knots[year + 1] - knots[year]) * (begun - world.start - year));
            const double chips = world.price_performance + chip_gains(world, begun, step->progress);
            const double compute = run_compute(world, begun, budget, chips);
            const double reached =
                effective_compute(world, begun, compute, tokens, step->invariant, step->scaled) + elicitation;
            const int j = std::min(int(std::ceil((now - world.start) / run_.time_step - 1e-9)), last);
            best[c][j] = std::max(best[c][j], reached);
            int band = 0;
            for (const double threshold : run_.threshold) band += compute >= threshold;
            models[band][j] += weight(world, c, member);
            uint64_t capabilities = 0;
            for (int k = 0; k < run_.capabilities; ++k)
                if (reached >= requirement_[k] && compute >= world.least_compute[k]) {
                    capabilities |= uint64_t(1) << k;
                    if (trained_time_[actor][k] < INF) continue;
                    trained_time_[actor][k] = now;
                    trained_[c][k] = std::min(trained_[c][k], now);
                    ++counted[TRAINED_ATTAINMENTS];
                }
            if (capabilities) capable_[c].push_back({member, actor, runs, now, compute, reached, capabilities});
            ++runs;
        }
        counted[RUNS] += runs;
    }

    void sum_models() {
        for (int64_t band = run_.thresholds - 1; band >= 0; --band)
            for (int64_t j = 0; j < run_.times; ++j) models[band][j] += models[band + 1][j];
        for (int64_t band = 0; band <= run_.thresholds; ++band)
            for (int64_t j = 1; j < run_.times; ++j) models[band][j] += models[band][j - 1];
        for (int c = 0; c < run_.classes; ++c)
            for (int64_t j = 1; j < run_.times; ++j) best[c][j] = std::max(best[c][j], best[c][j - 1]);
    }

    // The first time from `since` on at which class `c` can run a model trained with `compute`: at some point of a
    // stretch of time with the same chips, or when better ones arrive. INF for not before the horizon.
    double first_runnable(const World& world, int c, double compute, double since) const {
        const double needed = 0.5 * (compute - world.runnable_compute[c]);
        const std::vector<Step>& steps = timeline_[c];
        for (std::size_t n = 0; n < steps.size() && since < world.horizon; ++n) {
            const double until = n + 1 < steps.size() ? std::min(steps[n + 1].time, world.horizon) : world.horizon;
            if (until <= since) continue;
            const double progress = steps[n].progress;
            if (cheapening(world, since, progress) >= needed) return since;
            if (cheapening(world, until, progress) >= needed) {
                double before = since, after = until;
                while (true) {
                    const double middle = 0.5 * (before + after);
                    if (middle <= before || middle >= after) break;
                    (cheapening(world, middle, progress) >= needed ? after : before) = middle;
                }
                return after < world.horizon ? after : INF;
            }
            since = until;
        }
        return INF;
    }

    // The release of a model's weights, and its uptake by every class from when it can run it.
    void release_weights(const Luck& luck, const World& world, int c, const Model& model) {
        bool dangerous = false;
        for (int k = 0; k < run_.capabilities; ++k) dangerous |= has(model.capabilities, k) && world.dangerous[k];
        double probability = world.openness[c] * (dangerous ? world.openness_dangerous[c] : 1.0);
        if (world.openness_trend[c] != 0.0 && probability > 0.0 && probability < 1.0) {
            const double years = model.finished - world.start;
            const double odds = probability / (1.0 - probability) * std::pow(10.0, world.openness_trend[c] * years);
            probability = odds / (1.0 + odds);
        }
        probability = 1.0 - std::pow(1.0 - probability, double(weight(world, c, model.member)));
        const uint32_t index = (uint32_t(model.member) << 16) | model.run;
        if (uniform(luck, PUBLICATION, world.class_address[c], index) >= probability) return;
        const double released = model.finished + world.release_lag[c];
        if (released >= world.horizon) return;
        ++counted[WEIGHT_RELEASES];
        for (int taker = 0; taker < run_.classes; ++taker) {
            const double opened = first_runnable(world, taker, model.compute, released) + world.uptake_lag[taker];
            if (opened >= world.horizon) continue;
            for (int k = 0; k < run_.capabilities; ++k)
                if (has(model.capabilities, k)) open_[taker][k] = std::min(open_[taker][k], opened);
        }
    }

    // Thefts by class `thief`: a Poisson process whose hazard changes when another class becomes a holder.
    void steal(const Luck& luck, const World& world, int thief) {
        double held[MAX_CLASSES];  // since when; never for the thief itself
        for (int c = 0; c < run_.classes; ++c)
            held[c] = c == thief ? INF : *std::min_element(trained_[c], trained_[c] + run_.capabilities);
        double now = world.start;
        uint32_t n = 0;
        Pair draw = uniform_pair(luck, MODEL_THEFT, world.class_address[thief], 0);
        double remaining = exponential_from(draw.first);
        while (now < world.horizon) {
            double unsecured = 0.0, change = world.horizon;
            for (int c = 0; c < run_.classes; ++c) {
                if (held[c] <= now)
                    unsecured += 1.0 - world.security[c];
                else
                    change = std::min(change, held[c]);
            }
            const double hazard = world.theft_rate[thief] * unsecured;
            const double stolen = hazard > 0.0 ? now + remaining / hazard : INF;
            if (stolen >= change) {
                remaining -= hazard * (change - now);
                now = change;
                continue;
            }
            now = stolen;
            int holder = -1;
            double share = draw.second * unsecured;
            for (int c = 0; c < run_.classes; ++c) {
                if (held[c] > now || world.security[c] >= 1.0) continue;
                holder = c;
                if (share < 1.0 - world.security[c]) break;
                share -= 1.0 - world.security[c];
            }
            const double u = uniform_pair(luck, MODEL_THEFT, world.class_address[thief], 2 * n + 1).first;
            // Each real actor is as likely a thief as any other.
            const int64_t n_each = world.represents[thief], actors = world.count[thief];
            const int64_t real = int64_t(u * double(n_each == 1 ? actors : actors / 2 * n_each));
            gain(world, thief, real, best_model(holder, now), now);
            ++n;
            draw = uniform_pair(luck, MODEL_THEFT, world.class_address[thief], 2 * n);
            remaining = exponential_from(draw.first);
        }
    }

    // The best model with a capability that class `c` has finished by `t`; there is one.
    const Model& best_model(int c, double t) const {
        const Model* found = nullptr;
        for (const Model& model : capable_[c])
            if (model.finished <= t && (!found || model.reached > found->reached)) found = &model;
        return *found;
    }

    // The actor that plays a `real` one of class `c`.
    static int64_t actor_of(const World& world, int c, int64_t real) {
        const int64_t n = world.represents[c];
        return world.first_actor[c] + (n == 1 ? real : real / n * 2 + (real % n > 0));
    }

    // A `real` actor of class `c` steals a `model` at `now`, and uses what it lacks then once its class can run it.
    void gain(const World& world, int c, int64_t real, const Model& model, double now) {
        const int64_t actor = actor_of(world, c, real);
        std::vector<Stolen>& copies = thieves_[c][real];
        copies.resize(run_.capabilities);
        bool gains = false;
        for (int k = 0; k < run_.capabilities; ++k) {
            if (!has(model.capabilities, k)) continue;
            double& stolen = copies[k].use;
            if (std::min({trained_time_[actor][k], open_[c][k], stolen}) <= now) continue;
            // What the thief has in a stolen model that is as small, it does not gain again.
            double& smallest = copies[k].compute;
            if (smallest <= model.compute) continue;
            smallest = model.compute;
            gains = true;
            stolen = std::min(stolen, first_runnable(world, c, model.compute, now));
        }
        counted[THEFTS] += gains;
    }

    void settle(const World& world) {
        for (int c = 0; c < run_.classes; ++c)
            for (int k = 0; k < run_.capabilities; ++k) {
                double stolen = INF;
                for (const auto& thief : thieves_[c]) stolen = std::min(stolen, thief.second[k].use);
                double first = trained_[c][k];
                int by = TRAINED;
                if (open_[c][k] < first) first = open_[c][k], by = OPEN_WEIGHTS;
                if (stolen < first) first = stolen, by = STOLEN;
                time[c][k] = first;
                route[c][k] = first < INF ? by : NO_ROUTE;
            }
    }

    int step(const World& world, double t) const {
        return std::min(int(std::ceil((t - world.start) / run_.time_step - 1e-9)), int(run_.times) - 1);
    }

    void count_access(const World& world) {
        access.fill(0);
        const int last = int(run_.times) - 1;
        for (int c = 0, actor = 0; c < run_.classes; ++c)
            for (int member = 0; member < world.count[c]; ++member, ++actor)
                for (int k = 0; k < run_.capabilities; ++k) {
                    const double since = std::min(trained_time_[actor][k], open_[c][k]);
                    if (since < INF) access[k][step(world, since)] += weight(world, c, member);
                }
        // Who stole it before has it from then on.
        for (int c = 0; c < run_.classes; ++c)
            for (const auto& thief : thieves_[c])
                for (int k = 0; k < run_.capabilities; ++k) {
                    const int64_t actor = actor_of(world, c, thief.first);
                    const double own = std::min(trained_time_[actor][k], open_[c][k]), use = thief.second[k].use;
                    if (use >= own) continue;
                    ++access[k][step(world, use)];
                    if (own < INF) --access[k][step(world, own)];
                }
        for (int k = 0; k < run_.capabilities; ++k)
            for (int j = 1; j <= last; ++j) access[k][j] += access[k][j - 1];
    }
};

// ---- What is kept of all futures: the counts the engine keeps.

constexpr int FINE = 12, ROUTES = 3, EFFECTIVE_BINS = 1200, LEVELS = 1280;
constexpr double EFFECTIVE_LOW = 10.0, EFFECTIVE_WIDTH = 0.05;

class Tally {
public:
    Table<int64_t> attained, by_route, first, lead, models_sum, models_level, access_sum, access_level, effective;
    int64_t counted[KINDS] = {};

    explicit Tally(const Run& run)
        : attained(run.classes * run.capabilities, (run.times - 1) * FINE), by_route(run.classes * run.capabilities, ROUTES),
          first(run.capabilities, run.classes), lead(run.capabilities * run.classes, (run.times - 1) * FINE),
          models_sum(run.thresholds, run.times), models_level(run.thresholds * run.times, LEVELS),
          access_sum(run.capabilities, run.times), access_level(run.capabilities * run.times, LEVELS),
          effective(run.classes * run.times, EFFECTIVE_BINS), run_(run) {}

    void add(Future& future, double start) {
        for (int kind = 0; kind < KINDS; ++kind) counted[kind] += future.counted[kind];
        add_attainments(future, start);
        add_levels(future.models, 1, models_sum, models_level, run_.thresholds);
        add_levels(future.access, 0, access_sum, access_level, run_.capabilities);
        for (int c = 0; c < run_.classes; ++c)
            for (int64_t j = 0; j < run_.times; ++j) {
                const double best = future.best[c][j];
                if (best == -INF) continue;
                const int bin = int((best - EFFECTIVE_LOW) / EFFECTIVE_WIDTH);
                ++effective[c * run_.times + j][std::clamp(bin, 0, EFFECTIVE_BINS - 1)];
            }
    }

private:
    const Run& run_;

    static int level_of(int64_t number) {
        const int doublings = number < 64 ? 0 : 58 - __builtin_clzll(uint64_t(number));
        return 32 * doublings + int(number >> doublings);
    }

    void add_attainments(Future& future, double start) {
        const int bins = int(attained.columns);
        const double width = run_.time_step / FINE;
        const auto bin_of = [&](double years) { return std::clamp(int(std::ceil(years / width - 1e-9)) - 1, 0, bins - 1); };
        for (int k = 0; k < run_.capabilities; ++k) {
            double leads = INF;
            int leader = -1;
            for (int c = 0; c < run_.classes; ++c)
                if (future.time[c][k] < leads) leads = future.time[c][k], leader = c;
            if (leader < 0) continue;
            ++first[k][leader];
            for (int c = 0; c < run_.classes; ++c) {
                if (future.route[c][k] == NO_ROUTE) continue;
                const int row = c * run_.capabilities + k;
                ++attained[row][bin_of(future.time[c][k] - start)];
                ++by_route[row][future.route[c][k]];
                ++lead[k * run_.classes + c][bin_of(future.time[c][k] - leads)];
            }
        }
    }

    void add_levels(Table<int64_t>& numbers, int skip, Table<int64_t>& sum, Table<int64_t>& level, int64_t rows) {
        for (int64_t row = 0; row < rows; ++row)
            for (int64_t j = 0; j < run_.times; ++j) {
                const int64_t number = numbers[row + skip][j];
                sum[row][j] += number;
                ++level[row * run_.times + j][level_of(number)];
            }
    }
};

// ---- Files.

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "twin: %s\n", what.c_str());
    std::exit(1);
}

template <class T>
void read(std::FILE* file, T* into, std::size_t count) {
    if (std::fread(into, sizeof(T), count, file) != count) fail("the run file is too short");
}

Run read_run(const char* path) {
    std::FILE* file = std::fopen(path, "rb");
    if (!file) fail(std::string("cannot read ") + path);
    Run run;
    read(file, &run.worlds, 1);
    read(file, &run.futures, 1);
    read(file, &run.seed, 1);
    read(file, &run.thresholds, 1);
    read(file, &run.times, 1);
    run.threshold.resize(run.thresholds);
    run.time.resize(run.times);
    run.world.resize(run.worlds);
    read(file, run.threshold.data(), run.threshold.size());
    read(file, run.time.data(), run.time.size());
    read(file, run.world.data(), run.world.size());
    std::fclose(file);
    run.classes = int(run.world[0].n_classes);
    run.capabilities = int(run.world[0].n_capabilities);
    run.time_step = (run.time.back() - run.time.front()) / double(run.times - 1);
    return run;
}

// What the futures left and the sums, as rows of float64 in the order in which benchmarks/twin.py reads them.
class Writer {
public:
    explicit Writer(const char* path) : file_(path ? std::fopen(path, "wb") : nullptr) {
        if (path && !file_) fail(std::string("cannot write ") + path);
    }
    ~Writer() {
        if (file_) std::fclose(file_);
    }
    template <class Values>
    void write(const Values& values) {
        if (!file_) return;
        for (const double value : values) std::fwrite(&value, sizeof value, 1, file_);
    }
    explicit operator bool() const { return file_ != nullptr; }

private:
    std::FILE* file_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 3) fail("usage: twin RUN [FUTURES]");
    const Run run = read_run(argv[1]);
    Writer writer(argc == 3 ? argv[2] : nullptr);
    Future future(run);
    Tally tally(run);
    const std::clock_t began = std::clock();
    for (int64_t w = 0; w < run.worlds; ++w)
        for (int64_t f = 0; f < run.futures; ++f) {
            future.play({uint64_t(run.seed), uint32_t(w), uint32_t(f)}, run.world[w]);
            tally.add(future, run.world[w].start);
            if (writer) {
                writer.write(future.time.values);
                writer.write(future.route.values);
                writer.write(future.best.values);
                writer.write(future.counted);
            }
        }
    const double took = double(std::clock() - began) / CLOCKS_PER_SEC;
    writer.write(tally.models_sum.values);
    writer.write(tally.access_sum.values);
    writer.write(tally.by_route.values);
    std::printf("%.9f", took);
    for (const int64_t count : tally.counted) std::printf(" %lld", static_cast<long long>(count));
    std::printf("\n");
}
