//! The built-in functions: their names, signatures and what they do.

mod arrays;
mod dates;
mod encoding;
mod higher;
mod matching;
mod numbers;
mod objects;
mod strings;
mod text;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use crate::error::Error;
use crate::evaluate::Evaluator;
use crate::signature::Signature;
use crate::value::Value;

pub(crate) use arrays::append;
pub use matching::Subject;
pub(crate) use matching::{first_match, groups, next_match};
pub(crate) use objects::copied;
pub(crate) use text::{to_text, write_json};

/// What a function does with checked arguments.
pub(crate) type Run = for<'a, 'b> fn(&'a mut Evaluator<'b>, &'a [Value], &'a Value) -> Result<Value, Error>;

/// A built-in function. Cloning shares.
#[derive(Clone, Debug)]
pub struct Native(Arc<Entry>);

#[derive(Debug)]
struct Entry {
    definition: &'static str,
    signature: Option<Signature>,
    arity: usize,
    run: Run,
    /// Whether the reference waits for its result.
    is_waited_for: bool,
}

impl Native {
    pub(crate) fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        arguments: Vec<Value>,
        input: &Value,
    ) -> Result<Value, Error> {
        let arguments = match &self.0.signature {
            Some(signature) => signature.check(arguments, input)?,
            None => arguments,
        };
        self.call_unchecked(evaluator, &arguments, input)
    }

    /// As the reference calls a function that was applied partially: whatever the arguments are.
    pub(crate) fn call_unchecked(
        &self,
        evaluator: &mut Evaluator<'_>,
        arguments: &[Value],
        input: &Value,
    ) -> Result<Value, Error> {
        evaluator.pass_over(arguments)?;
        let result = (self.0.run)(evaluator, arguments, input);
        evaluator.turns += u64::from(self.0.is_waited_for);
        let result = result?;
        evaluator.pay_for_new(&result)?;
        Ok(result)
    }

    /// Tells it apart from others.
    pub(crate) fn identity(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// Its signature as text.
    pub(crate) fn definition(&self) -> &'static str {
        self.0.definition
    }

    /// How many arguments it can take.
    pub(crate) fn arity(&self) -> usize {
        self.0.arity
    }
}

type Row = (&'static str, &'static str, usize, Run);

const TABLE: [Row; 62] = [
    ("sum", "<a<n>:n>", 1, numbers::sum),
    ("count", "<a:n>", 1, arrays::count),
    ("max", "<a<n>:n>", 1, numbers::max),
    ("min", "<a<n>:n>", 1, numbers::min),
    ("average", "<a<n>:n>", 1, numbers::average),
    ("string", "<x-b?:s>", 1, strings::string),
    ("substring", "<s-nn?:s>", 3, strings::substring),
    ("substringBefore", "<s-s:s>", 2, strings::substring_before),
    ("substringAfter", "<s-s:s>", 2, strings::substring_after),
    ("lowercase", "<s-:s>", 1, strings::lowercase),
    ("uppercase", "<s-:s>", 1, strings::uppercase),
    ("length", "<s-:n>", 1, strings::length),
    ("trim", "<s-:s>", 1, strings::trim),
    ("pad", "<s-ns?:s>", 3, strings::pad),
    ("match", "<s-f<s:o>n?:a<o>>", 3, matching::match_all),
    ("contains", "<s-(sf):b>", 2, matching::contains),
    ("replace", "<s-(sf)(sf)n?:s>", 4, matching::replace),
    ("split", "<s-(sf)n?:a<s>>", 3, matching::split),
    ("join", "<a<s>s?:s>", 2, strings::join),
    ("formatNumber", "<n-so?:s>", 3, numbers::format_number),
    ("formatBase", "<n-n?:s>", 2, numbers::format_base),
    ("formatInteger", "<n-s:s>", 2, numbers::format_integer),
    ("parseInteger", "<s-s:n>", 2, numbers::parse_integer),
    ("number", "<(nsb)-:n>", 1, numbers::number),
    ("floor", "<n-:n>", 1, numbers::floor),
    ("ceil", "<n-:n>", 1, numbers::ceil),
    ("round", "<n-n?:n>", 2, numbers::round),
    ("abs", "<n-:n>", 1, numbers::abs),
    ("sqrt", "<n-:n>", 1, numbers::sqrt),
    ("power", "<n-n:n>", 2, numbers::power),
    ("random", "<:n>", 0, numbers::random),
    ("boolean", "<x-:b>", 1, objects::boolean),
    ("not", "<x-:b>", 1, objects::not),
    ("map", "<af>", 2, higher::map),
    ("zip", "<a+>", 0, arrays::zip),
    ("filter", "<af>", 2, higher::filter),
    ("single", "<af?>", 2, higher::single),
    ("reduce", "<afj?:j>", 3, higher::reduce),
    ("sift", "<o-f?:o>", 2, higher::sift),
    ("keys", "<x-:a<s>>", 1, objects::keys),
    ("lookup", "<x-s:x>", 2, objects::lookup),
    ("append", "<xx:a>", 2, arrays::append_function),
    ("exists", "<x:b>", 1, objects::exists),
    ("spread", "<x-:a<o>>", 1, objects::spread),
    ("merge", "<a<o>:o>", 1, objects::merge),
    ("reverse", "<a:a>", 1, arrays::reverse),
    ("each", "<o-f:a>", 2, higher::each),
    ("error", "<s?:x>", 1, objects::error),
    ("assert", "<bs?:x>", 2, objects::assert),
    ("type", "<x:s>", 1, objects::kind),
    ("sort", "<af?:a>", 2, higher::sort),
    ("shuffle", "<a:a>", 1, arrays::shuffle),
    ("distinct", "<x:x>", 1, arrays::distinct),
    ("base64encode", "<s-:s>", 1, encoding::base64_encode),
    ("base64decode", "<s-:s>", 1, encoding::base64_decode),
    ("encodeUrlComponent", "<s-:s>", 1, encoding::encode_url_component),
    ("encodeUrl", "<s-:s>", 1, encoding::encode_url),
    ("decodeUrlComponent", "<s-:s>", 1, encoding::decode_url_component),
    ("decodeUrl", "<s-:s>", 1, encoding::decode_url),
    ("eval", "<sx?:x>", 2, objects::eval),
    ("toMillis", "<s-s?:n>", 2, dates::to_millis),
    ("fromMillis", "<n-s?s?:s>", 3, dates::from_millis),
];

const MORE: [Row; 3] = [
    ("clone", "<(oa)-:o>", 1, objects::clone),
    ("now", "<s?s?:s>", 2, dates::now),
    ("millis", "<:n>", 0, dates::millis),
];

/// Functions that may call others.
const WAITED_FOR: [&str; 12] = [
    "match", "contains", "replace", "split", "map", "filter", "single", "reduce", "each", "sort", "sift",
    "eval",
];

static FUNCTIONS: LazyLock<HashMap<&'static str, Value>> = LazyLock::new(|| {
    let rows = TABLE.iter().chain(&MORE);
    rows.map(|(name, definition, arity, run)| {
        let signature = Signature::parse(definition).ok();
        let is_waited_for = WAITED_FOR.contains(name);
        let entry = Entry { definition, signature, arity: *arity, run: *run, is_waited_for };
        (*name, Value::native(Native(Arc::new(entry))))
    })
    .collect()
});

/// The built-in function of a name.
pub(crate) fn named(name: &str) -> Option<Value> {
    FUNCTIONS.get(name).cloned()
}

/// An argument; nothing when it was not given.
pub(crate) fn argument(arguments: &[Value], at: usize) -> &Value {
    arguments.get(at).unwrap_or(&Value::Undefined)
}
