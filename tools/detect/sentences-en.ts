/** English sentences to train the tagger of names on; see sentences.ts. */
export const ENGLISH_SENTENCES = `
My name is {name} and I would like to change my order.
Hi, this is {name} from {org}.
Hi {given}, thanks for your message.
Hello {given},
Dear {title} {family},
Dear {name},
Dear customer, your parcel has arrived in {city}.
Dear Sir or Madam, I write about invoice {number}.
Dear Support Team, {Product} does not work.
Regards, {name}
Kind regards,\n{name}\n{job}, {org}
Best,\n{given}
Thanks,\n{given} {family}
Please ask {title} {family} to call me back.
Please contact {name} at {email}.
Please contact our office in {city}.
{given} said that the {noun} was late.
{name} was born in {city} and lives at {street}.
{name} works as a {job} at {org}.
{given} and {given} went to {city} last week.
I spoke to {given} about the {Product} yesterday.
I spoke to {name} on Monday.
We met {name} in {country}.
The patient, {name}, was seen by Dr. {family}.
Dr. {name} will see you at {number}.
Professor {family} teaches at the University of {city}.
{title} {name} signed the contract with {org}.
Signed by {name} on {date}
Customer: {name}, {street}, {city}
Name: {name}
First name: {given}
Last name: {family}
Name: {family}, {given}
Attn: {name}
Contact person: {name}, phone {phone}
Ship to {name}, {street}, {city}, {country}
Bill to: {org}, {street}, {city}
Passenger {family}/{given} {title}
Account holder {name} called from {phone}.
Card holder: {name}
Tell {given} I said hello.
Can you ask {given} to send me the file?
Did {given} get back to you about {org}?
My wife {given} has the same account.
My colleague {name} will join the call.
My manager is {name}.
His brother {given} moved to {country}.
Her daughter's name is {given}.
{given}'s order arrived broken.
{name}'s account is locked.
It was {name} who wrote the {noun}.
According to {name}, the {adj} {noun} is ready.
A letter from {name} came on {date}.
The meeting between {name} and {name} took place in {city}.
{name}, {name} and {name} are on the team.
Employee {name} ({email}) has left.
@{given} can you review this?
Assigned to {name}
Reported by {name} on {date}
{name} <{email}>
From: {name} <{email}>
Cc: {name}; {name}
{family}, {given} ({number})
{number};{family};{given};{email}
{number},{given},{family},{city},{country}
Sir {name} opened the bridge in {city}.
Mrs {family} has paid.
Mr and Mrs {family} live in {city}.
Miss {given} {family} is our new {job}.
President {family} spoke in {city}.
Captain {family} is on board.
Judge {family} decided the case {org} v. {family}.
a book by {name}
written by {name}
Thank you, {given}!
Happy birthday {given}!
Call {given} at {phone}.
call {given} tomorrow
hi {given} here is the file
i am {name} and i lost my card
this is {given} {family} speaking
my name is {given}
You can reach {given} {family} on {phone}.
{name} ordered {Product} on {date} for {number}.
I live in {city}, {country}.
I live at {street} in {city}.
I am travelling from {city} to {city}.
The weather in {city} is {adj} today.
{org} was founded in {city} in {number}.
{org} and {org} announced a merger.
Our partner {org} sells {Product}.
We bought {Product} from {org}.
The {Product} is {adj}, and the {noun} is {adj}.
Order {number} of {Product} was shipped to {city}.
Version {number} of {Product} was released in {month}.
On {date} the {noun} was {adj}.
In {month}, {org} opened an office in {country}.
On Monday the Central Bank of {country} raised rates.
The {country} government and the European Union signed a treaty.
The University of {city} and {org} work together.
Terms and Conditions of {org}
Privacy Policy
{Noun} Management System
{Adj} {Noun} and {Adj} {Noun} for Beginners
{Product}, {Product}, {Product}
Category: {Noun}
Department: Human Resources
Position: {job}
{job} wanted in {city}
We are looking for a {job}.
Title: The {Adj} {Noun}
The {Adj} {Noun} of {city}
Street: {street}
City: {city}
Country: {country}
{street}, {city}, {country}
{city}, {city} and {city} are in {country}.
Flights from {city} to {city} start in {month}.
ERROR {noun} {number} not found
INFO Server started on port {number}
WARN Connection to {noun} lost, retrying in {number} ms
How do I reset my {noun}?
What is the status of my {noun}?
When will my {Product} be delivered?
Where is the nearest {noun} in {city}?
Why was I charged twice for {Product}?
I want to return the {Product} I bought in {city}.
I need help with my {noun}.
Please cancel my subscription.
Please update my address to {street}, {city}.
Your {noun} will be sent on {date}.
Could you check the {noun}?
Excellent {noun}, {adj} service!
Not happy with the {Product}.
The {noun} is on {street}.
Turn left at {street} and go to {org}.
Visa, Mastercard and American Express are accepted.
Windows, Linux and Android are supported.
Monday, Tuesday, Friday
{month} and {month} are cold in {country}.
{number} {Noun} Items in Stock
SELECT name FROM {noun} WHERE id = {number}
Hotel {city} is near the Central Station.
He moved to {city} after {org} closed.
She said the {noun} in {city} was {adj}.
They play {noun} in {country}.
{Noun}: {adj}
{Adj}
{Noun}
{city}
{org}
{Product}
{name}
{given}
{family}
{name}\t{city}\t{country}
{Salad}.
{Salad}.
{Salad}.
{Salad}, {salad}.
{Salad}?
{Salad}!
{Salad} {number}.
"{Salad}," he said.
{Salad} {url}
{Salad} {salad} in {city}.
{Salad} with {org}.
{Salad} at {org} {salad}.
{Salad}: {salad}
{Salad}: {Salad}
({Salad}.) {Salad}.
{Salad} by {name}.
{Salad} for {given}.
{Salad} from {name}, {salad}.
{given} {salad}.
{name} {salad}.
{name} {salad}, and {given} {salad}.
{Salad} {name} {salad}.
{Salad} {given} {salad}?
{given} was a fan of {name}.
What's {given}'s number?
It's under the name {name}.
I'm {given}, and it's my first time in {city}.
I've moved, my new address is {number} {street}, {city}.
I work for {org}.
She worked for {org} until {month}.
{org} is a charity that invites students to {country}.
During the {number}s, {org} grew fast.
Celebrating {number} years in {city}, {org} thanks everyone.
Send it to {number} {street}\n{city}\n{country} {number}
{number} {street}, Apt. {number}, {city}
{number} {street}\nSuite {number}\n{city}, {code} {number}
{name}\n{number} {street}\nApt. {number}\n{city}\n{country} {number}
{org}\n{number} {street}\nApt. {number}\n{city}\n{code} {number}
Here is {given}'s new address:\n{street}\n{city}, {code} {number}
{given} had left {given} a note: {street}, {city}
{given} lives on {street}.
{name} lives at {street}, {city}
The station is on {street}.
Where: {city} Golf Club.
When: Friday\nWhere: {city} Town Hall
Labour Day, Easter Sunday and New Year's Eve are holidays.
On {date} the {country} parliament voted.
The {org} song "{Adj} {Noun}" was number {number}.
Their best song is "{Noun} {Noun} {Noun}".
The film {Adj} {Noun} won in {city}.
CAN YOU HELP ME WITH MY {NOUN}
WHERE IS MY {NOUN}?
CALL ME BACK AT {phone} PLEASE
DO NOT REPLY TO THIS MESSAGE
Can you call me at {phone}?
Can {given} call me at {phone}?
Will you send the {noun}?
Will the {noun} be {adj}?
Just bought a {Product}.
Sometimes the {noun} is {adj}.
Everyone knows {given}.
Everyone calls me {given}.
People call me {given}.
but everyone calls me {given}
please change the name to {title} {name}
What's your first name? {given}
What's your surname? {family}
What's your name? {name}
What's your address? {street}
What's your city? {city}
See {url} or {url}
Visit {url} for {noun} {noun}.
{title} {family} is a {number} year old man from {city}.
{title} {family} is {job} at {org} in {city}.
{name}\n{street}\n{city}\n{country}
{org}\n{street}\n{city}\n{country}
`;
