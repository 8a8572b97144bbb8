"""What turn taking knows about English words."""

from __future__ import annotations

from voicebot.turns.tables import Language, counts, echoes, heard, least, numbers, phrases

# Listeners' words are those that are frequent in Switchboard, the HCRC Map Task, ICSI's meetings,
# and calls to BT's operators.
ENGLISH = Language(
    code="en",
    open_endings=phrases(
        "and, or, but, because, so, if, when, while, that, which, who, whose, than, then, as, "
        "unless, until, since, although, though, whether, plus, also, the, a, an, my, your, his, "
        "her, our, their, its, this, these, those, some, any, every, of, to, for, with, at, in, "
        "on, from, by, about, into, between, after, before, without, through, during, against, "
        "under, near, via, not, very, is, are, was, were, am, i'm, it's, be, been, would, could, "
        "should, will, can, i'd, i'll, i've, we're, we'd, let's, i, we, they, he, she, um, uh, er, "
        "erm, hmm, well, like, you know, i mean, let me see, let me think, one moment, just a "
        "moment, my number is, my name is, the number is, i would like, i want, i need, i wanted "
        "to, i'd like to, i would like to, can you, could you, can you please, could you please, "
        "would you please, can i please, please tell me, can you tell me, could you tell me, can "
        "you give me, could you give me, can you send me, could you send me, and also, as well as, "
        "mr, mrs, ms, dr"
    ),
    complete=phrases(
        "thank you, thanks, yes please, no thank you, no thanks, that's all, that is all, that's "
        "it, that's right, that's correct, i don't know, never mind, help, pardon, repeat that "
        "please, can you repeat that, say that again, operator, stop, hold on, hang on, be quiet, "
        "shut up, enough, cancel, a person, human, i will wait, i'll wait, i can wait, i'd like to "
        "wait"
    ),
    openers=phrases("hello, hi, good morning, good afternoon, good evening, sorry, excuse me"),
    courtesies=phrases("the, please, thanks, thank you, hello, hi, good morning, good afternoon"),
    closings=phrases("please, thanks, thank you"),
    inversions=least(3, "is are am was were isn't aren't wasn't weren't")
    | least(
        4,
        "do does did don't doesn't didn't have has haven't hasn't can could can't couldn't will "
        "would won't wouldn't shall should may might",
    ),
    yes=phrases(
        "yes, yeah, yep, yup, yes please, yes sir, yes ma'am, yes of course, aye, sure, for sure, "
        "sure thing, of course, by all means, right, correct, exactly, precisely, okay, ok, please "
        "do, that's right, that's correct, go ahead, absolutely, definitely, most definitely, "
        "certainly, totally, naturally, indeed, you bet, will do, sounds good, works for me, that "
        "works, fine by me, fine, alright, all right, agreed, i agree, i think so, i guess so, i "
        "suppose so, i believe so, i hope so, i'd like that, i'd love to, i'd love that"
    ),
    no=phrases(
        "no, nope, nah, no thanks, no thank you, not really, not now, not yet, not at all, of "
        "course not, absolutely not, definitely not, certainly not, probably not, i don't think "
        "so, i'm afraid not, i guess not, no way, wrong, incorrect, never"
    ),
    goodbyes=phrases(
        "bye, goodbye, good bye, bye bye, see you, have a nice day, have a good day, good night, "
        "thank you bye, thanks bye, talk to you later, see you later"
    ),
    back_channels=heard(
        # Sounds.
        "uh huh, uh uh, uhhuh, uh hum, uh hm, uh hmm, mm, mmm, mhm, mm hmm, mmhmm, mm hm, um hum, "
        "um hm, um hmm, hm, hmm, hum, ah, ahh, aah, a ha, aha, ah ha, oh, ohh, ooh, oooh, ooo, aw, "
        "aww, huh, uh, um, uhm, er, erm, em, ehm, eh, well, so, "
        # Agreement.
        "yeah, yes, yep, yup, ya, yea, yeh, yah, aye, yes sir, yes ma'am, okay, ok, o k, okey, "
        "okie, kay, mkay, okey doke, okey dokey, okie dokie, right, right you are, right ho, right "
        "oh, righto, rightio, righty ho, righty oh, too right, sure, for sure, that's for sure, "
        "sure thing, alright, all right, all righty, alrighty, of course, exactly, precisely, "
        "absolutely, definitely, most definitely, certainly, most certainly, surely, indeed, yes "
        "indeed, totally, completely, entirely, naturally, obviously, clearly, quite, quite so, "
        "very much so, very well, agreed, i agree, i totally agree, i agree with you, i agree with "
        "that, i'd agree with that, i would agree, i would agree with that, i would agree with "
        "you, i tend to agree, you're right, you are right, you're quite right, you're so right, "
        "you're probably right, you're absolutely right, i'm with you, i'm sure, i think you're "
        "right, i bet, i'll bet, i'd bet, you bet, you betcha, i guess, i guess so, i suppose, i "
        "suppose so, i expect so, i reckon, i reckon so, i imagine, i imagine so, i hope so, i "
        "think so, think so, i believe so, i believe it, i would think so, i'd think so, i should "
        "think so, i thought so, thought so, i'd say so, i'll say, maybe so, probably so, sure is, "
        "sure does, sure was, sure did, hear hear, amen, ditto, true that, say no more, you said "
        "it, you got it, no doubt, no question, by all means, will do, can do, me too, me neither, "
        "me either, same here, likewise, so do i, so am i, so have i, so did i, neither do i, nor "
        "do i, i do too, i did too, i am too, i would too, i don't either, so it is, so they are, "
        "so they do, yes that's it, yeah that's it, that's exactly it, that's the one, that's the "
        "thing, that's the way, that's the spirit, that's the truth, isn't that the truth, this is "
        "true, good point, good question, great question, point taken, fair do's, well said, works "
        "for me, that works, that'll do, that will do, suits me, that suits me, sounds like it, "
        "sounds like fun, sounds like a plan, i like it, i like that, i love it, i love that, i'd "
        "like that, i'd love that, i'd love to, "
        # The commonest assessments, so that they are known where they are misheard, too.
        "that's good, that's great, that's fine, that's nice, that's okay, that's cool, that's "
        "true, that's right, that's correct, that's fair, that's interesting, very good, very "
        "nice, sounds good, sounds great, how nice, how interesting, "
        # Understanding.
        "i see, i see what you mean, i see what you're saying, i know what you mean, i know how "
        "you feel, i understand what you mean, that's what i thought, that's what i heard, i see "
        "that, i see now, i see why, i see your point, i can see that, now i see, i get it, i get "
        "that, i get you, now i get it, got it, got that, got you, gotcha, i got it, i got that, i "
        "got you, i've got it, i've got that, i've got you, i understand, i understand that, i "
        "understand now, i understood, i've understood, i can understand, i can understand that, "
        "understood, make sense, makes sense, it makes sense, that makes sense, that would make "
        "sense, that makes perfect sense, i know, i know it, i know that, i know the feeling, i "
        "can imagine, i can imagine that, i can believe it, i can believe that, i believe that, i "
        "can tell, i can relate, i remember, i follow, i'm following, i hear you, i'm listening, "
        "so i see, so i hear, so i gather, so i've heard, i've heard that, i've noticed, noted, "
        "duly noted, loud and clear, roger, roger that, copy that, that figures, no problem, no "
        "problem at all, not a problem, that's no problem, no biggie, no worries, no bother, no "
        "trouble, there you go, there we go, there you are, there it is, "
        # Surprise.
        "wow, whoa, wowee, really, seriously, are you serious, for real, boy, oh boy, man, oh man, "
        "oh my, my my, goodness, my goodness, goodness me, goodness gracious, gosh, my gosh, "
        "golly, gee, gee whiz, jeez, geez, god, my god, oh god, lord, good lord, good god, "
        "heavens, good heavens, good grief, good gracious, my word, blimey, crikey, cor, crumbs, "
        "holy cow, holy smoke, holy moly, shoot, hooray, hurray, bravo, bingo, touche, yay, whew, "
        "phew, yikes, oops, whoops, uh oh, ouch, ugh, no way, no kidding, you're kidding, are you "
        "kidding, you're not kidding, you're joking, you must be joking, you don't say, you're "
        "telling me, tell me about it, is that so, is that right, is that true, is it true, is "
        "that a fact, how about that, imagine that, fancy that, well i never, who knew, go figure, "
        "i never knew that, i didn't know that, i had no idea, i can't imagine, i'll be darned, "
        "i'll be damned, isn't that something, that's something, that's a thought, that's an idea, "
        "that's news to me, "
        # Sympathy.
        "oh dear, dear me, dear oh dear, bless, bless you, bless your heart, bless him, bless her, "
        "poor thing, poor you, poor him, poor her, too bad, that's too bad, bad luck, hard luck, "
        "tough luck, that's life, these things happen, it happens, that happens, sorry to hear "
        "that, i'm sorry to hear that, good for you, good for him, good for her, good for them, "
        "well done, good on you, good on them, fair play, way to go, congratulations, congrats, "
        "lucky you, good luck, i don't blame you, "
        # Thanks, and what is answered to them.
        "thanks, thank you, thanks a lot, thanks a million, thanks a bunch, thanks again, thank "
        "you again, thanks very much, thank you very much, thanks ever so much, thank you ever so "
        "much, thanks so much, thank you so much, thank you kindly, many thanks, thank goodness, "
        "thank god, thank heavens, cheers, ta, much obliged, i'm much obliged, much appreciated, i "
        "appreciate it, i appreciate that, i'd appreciate it, i'd appreciate that, appreciate it, "
        "you're welcome, you're very welcome, you're very kind, you're too kind, you're so kind, "
        "you're a star, you're a lifesaver, my pleasure, pleasure, it's my pleasure, not at all, "
        "you too, you as well, same to you"
    ),
    noises=phrases(
        "uh huh, uhhuh, uh hum, uh hm, uh hmm, mm, mmm, mhm, mm hmm, mmhmm, mm hm, um hum, um hm, "
        "um hmm, hm, hmm, hum, ah, ahh, aah, aw, oh, ohh, ooh, oooh, ooo, a ha, aha, ah ha, huh, "
        "uh, um, uhm, er, erm, em, ehm, eh"
    ),
    assessments=heard(
        "good, great, fine, nice, lovely, perfect, excellent, wonderful, brilliant, awesome, "
        "amazing, fantastic, fabulous, marvellous, marvelous, terrific, superb, super, stellar, "
        "phenomenal, tremendous, spectacular, stunning, splendid, smashing, cracking, fab, brill, "
        "swell, dandy, solid, magic, grand, beautiful, gorgeous, sweet, neat, cool, wicked, "
        "outstanding, magnificent, delightful, impressive, incredible, remarkable, unbelievable, "
        "extraordinary, exciting, thrilling, interesting, fascinating, intriguing, surprising, "
        "funny, hilarious, fun, cute, clever, smart, wise, sensible, reasonable, logical, fair, "
        "fair enough, good enough, easy enough, clear enough, clear, crystal clear, easy, simple, "
        "handy, useful, helpful, kind, generous, thoughtful, decent, acceptable, okay, ok, "
        "alright, all right, right, correct, true, accurate, spot on, lucky, fortunate, "
        "encouraging, reassuring, refreshing, better, much better, even better, the best, ideal, "
        "not bad, not bad at all, not too bad, not so bad, sad, awful, terrible, horrible, "
        "dreadful, tragic, shocking, scary, frightening, unfortunate, unlucky, tough, rough, "
        "nasty, disappointing, strange, weird, odd, bizarre, peculiar, crazy, wild, shame, pity, "
        "relief, bummer, nightmare, delight, treat, bargain, surprise, coincidence, blessing, "
        "miracle"
    ),
    frames=heard(
        "that's, that is, that'd be, that would be, that will be, that'll be, that must be, that "
        "could be, that might be, that sounds, that seems, that looks, it's, it is, it'd be, it "
        "would be, it'll be, it will be, it must be, it sounds, it seems, would be, must be, "
        "sounds, sound, seems, looks, isn't that, isn't it, how, how very, what a, a, an, and, i "
        "think, i'm sure, which is, very, pretty, really, real, so, quite, rather, just, too, "
        "absolutely, totally, completely, perfectly, entirely, extremely, exceptionally, "
        "particularly, truly, most, all, exactly, probably, certainly, definitely, awfully, "
        "terribly, jolly, such, such a, kind of, sort of, a bit, a little, more than"
    ),
    judged=phrases(
        "idea, point, thinking, thought, choice, news, plan, job, work, stuff, deal, thing, one, "
        "call, shout, suggestion, story, answer"
    ),
    echoes=echoes(
        "is was does did has will", "it he she", "really sure certainly definitely probably still"
    )
    | echoes("are were do did have", "they you", "really sure certainly definitely probably still")
    | heard(
        "isn't it, isn't he, isn't she, wasn't it, doesn't it, didn't it, hasn't it, aren't they, "
        "weren't they, don't they, didn't they, haven't they"
    ),
    tails=heard(
        "then, too, indeed, though, sir, madam, ma'am, mate, love, dear, man, for you, for me, "
        "with me, by me, to me, of you, to hear, to know, to hear that, to know that, as well, "
        "anyway, at all, so much, very much, really, i guess, i suppose, i must say, isn't it, for "
        "that, for your help, for your time, for calling, for telling me, for letting me know"
    ),
    stops=phrases(
        "stop, start, wait, hold on, no, hang on, pause, excuse me, sorry, hello, hey, hi, listen, "
        "one moment, just a moment, just a second, one second, shut up, be quiet, enough, never "
        "mind, cancel, but, actually, operator, human, a person, repeat, pardon, what"
    ),
    go_on=phrases(
        "go on, go on then, do go on, please go on, go ahead, go right ahead, please go ahead, "
        "continue, please continue, do continue, carry on, please carry on, keep going, keep "
        "talking, proceed, please proceed, please do, go for it, fire away, tell me more, i'm all "
        "ears, all ears, take your time"
    ),
    wants=phrases(
        # Who is asked for.
        "agent, live agent, representative, advisor, adviser, consultant, specialist, technician, "
        "engineer, manager, supervisor, receptionist, secretary, assistant, director, owner, boss, "
        "doctor, dentist, nurse, lawyer, attorney, somebody, someone, anybody, anyone, staff, "
        "colleague, real person, live person, department, reception, front desk, customer service, "
        "customer services, customer care, customer support, support, tech support, sales, "
        "billing, accounting, accounts, finance, complaints, enquiries, inquiries, bookings, "
        "reservations, dispatch, security, maintenance, pharmacy, human resources, helpdesk, help "
        "desk, switchboard, robot, machine, computer, voicemail, "
        # What about.
        "appointment, appointments, booking, reservation, order, orders, delivery, shipment, "
        "parcel, package, invoice, bill, bills, payment, payments, refund, account, balance, "
        "credit, debit, loan, mortgage, insurance, claim, policy, prescription, ticket, tickets, "
        "flight, hotel, prices, pricing, quote, discount, charged, charges, address, website, "
        "email, telephone, mobile, number, my name, my phone, my card, my line, customer, fax, "
        "message, callback, password, internet, broadband, wifi, contract, subscription, "
        "membership, warranty, repair, repairs, fault, complaint, problem, problems, issue, "
        "issues, question, questions, query, mistake, error, emergency, urgent, urgently, "
        "accident, ambulance, police, details, information, opening hours, opening times, "
        "availability, available, schedule, directions, parking, english, spanish, french, german, "
        "russian, "
        # When.
        "today, tomorrow, tonight, yesterday, monday, tuesday, wednesday, thursday, friday, "
        "saturday, sunday, weekend, afternoon, evening, this morning, next week, next month, last "
        "week, right now, later, earlier, o'clock, january, february, april, june, july, august, "
        "september, october, november, december, "
        # What is to be done.
        "again, slower, slowly, slow down, faster, hurry up, louder, speak up, quieter, quiet, "
        "silence, skip, next, previous, back up, go back, start over, start again, begin again, "
        "main menu, options, transfer, connect, put me through, speak to, speak with, talk to, "
        "talk with, call me back, call back, ring me back, hang up, change, reschedule, postpone, "
        "book, pay, paid, return, replace, leave a message, let me, tell me, give me, get me, help "
        "me, show me, send me, explain, clarify, spell, interrupt, finish, i want, i wanted, i "
        "wanna, i need, i'd like to, i would like, i'm calling, i am calling, i'm trying to, i'm "
        "looking for, i wonder, i was wondering, i've got a, i have a, i have to, can i, can you, "
        "can we, could i, could you, may i, would you, will you, do you have, do you know, have "
        "you got, are you there, are you still, are you sure, are you open, is that possible, is "
        "that correct, is there, are there, is this, bear with me, "
        # What is not as it should be.
        "that's not, that isn't, it's not, it isn't, you're not, not that, not this, not what, i "
        "don't, i didn't, i can't, i couldn't, i haven't, i won't, don't, can't hear, i said, i "
        "asked, i meant, i already, misunderstood, broken, disconnected, cut off, engaged, doesn't "
        "work, not working, lost, stolen, missing, wrong, mistaken, not true, untrue, unfair, too "
        "fast, too slow, too loud, too much, is it possible"
    ),
    over_bot="Uh-huh. Mm-hmm. Yeah. Okay. Right. I see. Stop. Wait. Excuse me.",
    hums="mhn",
    numbers=numbers(
        digit="zero oh o nought one two three four five six seven eight nine",
        teen="ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
        tens="twenty thirty forty fifty sixty seventy eighty ninety",
        hundred="hundred",
        double="double",
        triple="triple treble",
    ),
    question_words=phrases(
        "what, which, who, whom, whose, when, where, why, how, what's, who's, how's"
    ),
    alternatives=phrases("or"),
    asks=phrases(
        "what, which, tell, give, say, enter, dictate, may, can, could, please, need, spell"
    ),
    number_nouns=phrases("number, code, pin, extension, digits, postcode, zip, account"),
    phone_nouns=phrases("phone, telephone, mobile, cell, callback"),
    digit_nouns=phrases("digit, digits"),
    counts=counts("two three four five six seven eight nine ten eleven twelve", first=2),
    phone_digits=10,
    extension_nouns=phrases("extension, ext"),
)
